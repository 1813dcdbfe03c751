package console

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/session"
)

// A logListing is the audit log as an address asks for it.
type logListing struct {
	listing
	query account.EntryQuery
	wrong account.ValidationErrors // what of the address cannot be looked for
}

// readLogListing reads the address.
func (s *console) readLogListing(v *visit) logListing {
	l := logListing{listing: listing{"/admin/log/", url.Values{}}, wrong: account.ValidationErrors{}}
	for _, name := range []string{"actor", "action", "kind", "object", "from", "to"} {
		if value := v.asked(name); value != "" {
			l.values.Set(name, value)
		}
	}
	l.query.Action, l.query.Kind = account.Action(l.values.Get("action")), account.Kind(l.values.Get("kind"))
	l.query.From, l.query.To = s.day(&l, "from", 0), s.day(&l, "to", 1)
	s.readActor(&l)
	s.readObject(&l)
	l.query.Before, _ = strconv.ParseUint(v.query("before"), 10, 64)
	l.query.After, _ = strconv.ParseUint(v.query("after"), 10, 64)
	return l
}

// day is the beginning of a day in the console's zone, or of one some days later.
func (s *console) day(l *logListing, name string, later int) time.Time {
	value := l.values.Get(name)
	if value == "" {
		return time.Time{}
	}
	day, err := time.ParseInLocation(time.DateOnly, value, s.TimeZone)
	if err != nil {
		l.wrong[name] = []string{"This is no day. Write it as 2026-11-22."}
		return time.Time{}
	}
	return day.AddDate(0, 0, later)
}

// readActor takes a username, or #7 for a user who is not there any more.
func (s *console) readActor(l *logListing) {
	name := l.values.Get("actor")
	if name == "" {
		return
	}
	if l.query.ActorID = s.userNamed(name); l.query.ActorID == 0 {
		l.wrong["actor"] = []string{"There is no user of this name now."}
	}
}

func (s *console) userNamed(name string) uint64 {
	if id, ok := strings.CutPrefix(name, "#"); ok {
		n, _ := strconv.ParseUint(id, 10, 64)
		return n
	}
	u, err := s.Accounts.UserByName(name)
	if err != nil {
		return 0
	}
	return u.ID
}

// readObject takes what the object's kind is called by.
func (s *console) readObject(l *logListing) {
	name := l.values.Get("object")
	if name == "" {
		return
	}
	switch l.query.Kind {
	case account.KindSession:
		if handle, whole := session.ParseHandle(strings.ToLower(name)); whole {
			l.query.ObjectID = handle.String()
		} else { // its fingerprint, as the log shows it
			l.query.Object = strings.ToLower(name)
		}
		return
	case account.KindUser, account.KindConsole:
		if id := s.userNamed(name); id != 0 {
			l.query.ObjectID = strconv.FormatUint(id, 10)
			return
		}
	case account.KindGroup:
		if id := s.groupNamed(name); id != 0 {
			l.query.ObjectID = strconv.FormatUint(id, 10)
			return
		}
	default:
		l.wrong["object"] = []string{"Choose a kind as well."}
		return
	}
	l.wrong["object"] = []string{"There is none of this name now."}
}

func (s *console) groupNamed(name string) uint64 {
	if id, ok := strings.CutPrefix(name, "#"); ok {
		n, _ := strconv.ParseUint(id, 10, 64)
		return n
	}
	g, err := s.Accounts.GroupByName(name)
	if err != nil {
		return 0
	}
	return g.ID
}

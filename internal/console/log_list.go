package console

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/storage/record"
)

type logListPage struct {
	frame
	form
	Actor, Object, From, To string // as they were typed
	Actions, Kinds          []option
	Clear                   string
	Entries                 []entryView
	Newer, Older            string
}

// logList answers GET /admin/log/.
func (s *console) logList(r *request) error {
	l := s.readLogListing(r)
	p := &logListPage{
		frame: s.frame(r, "Audit log"), Clear: l.clear(),
		Actor: l.values.Get("actor"), Object: l.values.Get("object"), From: l.values.Get("from"), To: l.values.Get("to"),
		Actions: options(account.Actions(), l.query.Action, func(a account.Action) string { return actionLabels[a] }),
		Kinds:   options(loggedKinds, l.query.Kind, account.Kind.Label),
	}
	if len(l.wrong) > 0 {
		p.Errors, p.Wrong = l.wrong, "Correct the fields marked below."
		r.Status(fiber.StatusUnprocessableEntity)
		return s.render(r, "log_list", p)
	}
	found, err := s.Accounts.Entries(l.query)
	if err != nil {
		return err
	}
	p.Entries = s.entryViews(r, found.Entries)
	if found.Older > 0 {
		p.Older = l.with("before", strconv.FormatUint(found.Older, 10))
	}
	if found.Newer > 0 {
		p.Newer = l.with("after", strconv.FormatUint(found.Newer, 10))
	}
	return s.render(r, "log_list", p)
}

// Line is a line of the form, for its errors.
func (p *logListPage) Line(name string) input { return input{Name: name, Errors: p.Errors[name]} }

// loggedKinds are the kinds of objects that entries are about.
var loggedKinds = []account.Kind{account.KindUser, account.KindGroup, account.KindSession, account.KindConsole}

func options[T ~string](values []T, now T, label func(T) string) []option {
	all := make([]option, len(values))
	for i, value := range values {
		all[i] = option{Title: label(value), Value: string(value), Current: value == now}
	}
	return all
}

// A logListing is the audit log as an address asks for it.
type logListing struct {
	listing
	query account.EntryQuery
	wrong account.ValidationErrors // what of the address cannot be looked for
}

// readLogListing reads the address.
func (s *console) readLogListing(r *request) logListing {
	l := logListing{listing: newListing("/admin/log/"), wrong: account.ValidationErrors{}}
	for _, name := range []string{"actor", "action", "kind", "object", "from", "to"} {
		l.keep(name, r.asked(name))
	}
	l.query.Action, l.query.Kind = account.Action(l.values.Get("action")), account.Kind(l.values.Get("kind"))
	l.query.From, l.query.To = s.day(&l, "from", 0), s.day(&l, "to", 1)
	s.readActor(&l)
	s.readObject(&l)
	l.query.Before, l.query.After = r.number("before"), r.number("after")
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
		l.wrong[name] = []string{"Enter a valid date, such as 2026-11-22."}
		return time.Time{}
	}
	return day.AddDate(0, 0, later)
}

// readActor takes a username, or #7 for a deleted user.
func (s *console) readActor(l *logListing) {
	name := l.values.Get("actor")
	if l.query.ActorID = s.idNamed(account.KindUser, name); name != "" && l.query.ActorID == 0 {
		l.wrong["actor"] = []string{"No user has this name. For a deleted user, enter # and the ID, such as #7."}
	}
}

// readObject takes what the object's kind is called by.
func (s *console) readObject(l *logListing) {
	name := l.values.Get("object")
	switch l.query.Kind {
	case account.KindUser, account.KindConsole, account.KindGroup:
		if id := s.idNamed(l.query.Kind, name); id != 0 {
			l.query.ObjectID = strconv.FormatUint(id, 10)
		} else if name != "" {
			l.wrong["object"] = []string{"No object of this type has this name. For a deleted one, enter # and the ID, such as #7."}
		}
	case account.KindSession:
		if handle, err := record.ParseHandle(name); err == nil {
			l.query.ObjectID = handle.String()
		} else { // its fingerprint, as the log shows it
			l.query.Object = strings.ToLower(name)
		}
	default:
		if name != "" {
			l.wrong["object"] = []string{"Choose an object type, too."}
		}
	}
}

// idNamed finds a user or a group by name, or the id in #7; 0: there is none.
func (s *console) idNamed(kind account.Kind, name string) uint64 {
	if id, ok := strings.CutPrefix(name, "#"); ok {
		n, _ := strconv.ParseUint(id, 10, 64)
		return n
	}
	if kind == account.KindGroup {
		g, _ := s.Accounts.GroupByName(name)
		return g.ID
	}
	u, _ := s.Accounts.UserByName(name)
	return u.ID
}

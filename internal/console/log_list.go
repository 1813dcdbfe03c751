package console

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/control"
	"pagesession/storage/record"
)

type logListPage struct {
	frame
	form
	Actor, Object, From, To string // as they were typed
	Vias, Actions, Kinds    []option
	Clear, Export           string
	Most                    int // entries of an export
	Entries                 []entryView
	Newer, Older            string
}

// logList answers GET /admin/log/.
func (s *console) logList(r *request) error {
	l, err := s.readLogListing(r)
	if err != nil {
		return err
	}
	p := &logListPage{
		frame: s.frame(r, "Audit log"), Clear: l.clear(),
		Actor: l.values.Get("actor"), Object: l.values.Get("object"), From: l.values.Get("from"), To: l.values.Get("to"),
		Export: l.exportURL(), Most: control.MaxExported,
		Vias:    options(account.Vias(), l.query.Via, func(v account.Via) string { return string(v) }),
		Actions: options(account.Actions(), l.query.Action, func(a account.Action) string { return actionLabels[a] }),
		Kinds:   options(loggedKinds, l.query.Kind, account.Kind.Label),
	}
	if len(l.wrong) > 0 {
		p.Errors, p.Wrong = l.wrong, "Correct the fields marked below."
		r.Status(fiber.StatusUnprocessableEntity)
		return s.render(r, "log_list", p)
	}
	found, err := s.Accounts.Entries(r.UserContext(), l.query)
	if err != nil {
		return err
	}
	if p.Entries, err = s.entryViews(r, found.Entries); err != nil {
		return err
	}
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
var loggedKinds = []account.Kind{account.KindUser, account.KindGroup, account.KindSession, account.KindConsole, account.KindBackup, account.KindLogEntry, account.KindWall}

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

// readLogListing reads the address. Errors: those of the accounts, in which it looks up
// names.
func (s *console) readLogListing(r *request) (logListing, error) {
	l := logListing{listing: newListing("/admin/log/"), wrong: account.ValidationErrors{}}
	for _, name := range []string{"actor", "via", "action", "kind", "object", "from", "to"} {
		l.keep(name, r.asked(name))
	}
	l.query.Via, l.query.Action, l.query.Kind = account.Via(l.values.Get("via")), account.Action(l.values.Get("action")), account.Kind(l.values.Get("kind"))
	l.query.From, l.query.To = s.day(&l, "from", 0), s.day(&l, "to", 1)
	l.query.Before, l.query.After = r.number("before"), r.number("after")
	if err := s.readActor(r, &l); err != nil {
		return l, err
	}
	return l, s.readObject(r, &l)
}

// day is the beginning of a day in the console's zone, or of one some days later.
func (s *console) day(l *logListing, name string, later int) time.Time {
	value := l.values.Get(name)
	if value == "" {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, value)
	if err != nil {
		l.wrong[name] = []string{"Enter a valid date, such as 2026-11-22."}
		return time.Time{}
	}
	return dayBegins(day.Year(), day.Month(), day.Day()+later, s.TimeZone)
}

// readActor takes a username, or #7 for a deleted user; elsewhere than in the console the name
// of a user of the system.
func (s *console) readActor(r *request, l *logListing) (err error) {
	name := l.values.Get("actor")
	if l.query.Via != "" && l.query.Via != account.ViaConsole {
		l.query.Actor = name
		return nil
	}
	if l.query.ActorID, err = s.idNamed(r, account.KindUser, name); err != nil {
		return err
	}
	if name != "" && l.query.ActorID == 0 {
		l.wrong["actor"] = []string{"No user has this name. For a deleted user, enter # and the ID, such as #7."}
	}
	return nil
}

// readObject takes what the object's kind is called by.
func (s *console) readObject(r *request, l *logListing) error {
	name := l.values.Get("object")
	switch l.query.Kind {
	case account.KindUser, account.KindConsole, account.KindGroup:
		id, err := s.idNamed(r, l.query.Kind, name)
		if err != nil {
			return err
		}
		if id != 0 {
			l.query.ObjectID = strconv.FormatUint(id, 10)
		} else if name != "" {
			l.wrong["object"] = []string{"No " + nounOf(l.query.Kind) + " has this name. For a deleted one, enter # and the ID, such as #7."}
		}
	case account.KindSession:
		if handle, err := record.ParseHandle(name); err == nil {
			l.query.ObjectID = handle.String()
		} else { // its fingerprint, as the log shows it
			l.query.Object = strings.ToLower(name)
		}
	case account.KindBackup, account.KindLogEntry:
		l.query.Object = name
	default:
		if name != "" {
			l.wrong["object"] = []string{"Choose what it is under “About”, too."}
		}
	}
	return nil
}

// nounOf names what an entry's object is found by: console sessions have those of their users.
func nounOf(kind account.Kind) string {
	if kind == account.KindGroup {
		return kind.Label()
	}
	return account.KindUser.Label()
}

// idNamed finds a user or a group by name, or the id in #7; 0: there is none.
func (s *console) idNamed(r *request, kind account.Kind, name string) (id uint64, err error) {
	number, isID := strings.CutPrefix(name, "#")
	switch {
	case name == "":
		return 0, nil
	case isID:
		id, _ = strconv.ParseUint(number, 10, 64) // 0 if it is not a number
		return id, nil
	case kind == account.KindGroup:
		var g account.Group
		g, err = s.Accounts.GroupByName(r.UserContext(), name)
		id = g.ID
	default:
		var u account.User
		u, err = s.Accounts.UserByName(r.UserContext(), name)
		id = u.ID
	}
	if errors.Is(err, account.ErrNotFound) {
		return 0, nil
	}
	return id, err
}

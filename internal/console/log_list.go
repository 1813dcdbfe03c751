package console

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
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
		p.Errors, p.Wrong = l.wrong, "Please correct what is marked below."
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

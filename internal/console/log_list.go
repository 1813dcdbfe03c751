package console

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
)

type logListPage struct {
	page
	form
	Actor, Object, From, To string // as they were typed
	Actions, Kinds          []choice
	Clear                   string
	Entries                 []entryView
	Newer, Older            string
}

// logList answers GET /admin/log/.
func (s *console) logList(v *visit) error {
	l := s.readLogListing(v)
	p := &logListPage{
		page: s.page(v, "Audit log"), Clear: l.clear(),
		Actor: l.values.Get("actor"), Object: l.values.Get("object"), From: l.values.Get("from"), To: l.values.Get("to"),
		Actions: actionChoices(l.query.Action), Kinds: kindChoices(l.query.Kind),
	}
	if len(l.wrong) > 0 {
		p.Errors, p.Wrong = l.wrong, "Please correct what is marked below."
		v.Status(fiber.StatusUnprocessableEntity)
		return v.Render("log_list", p)
	}
	found, err := s.Accounts.Entries(l.query)
	if err != nil {
		return err
	}
	p.Entries = s.entryViews(v, found.Entries)
	if found.Older > 0 {
		p.Older = l.with("before", strconv.FormatUint(found.Older, 10))
	}
	if found.Newer > 0 {
		p.Newer = l.with("after", strconv.FormatUint(found.Newer, 10))
	}
	return v.Render("log_list", p)
}

// Line is a line of the form, for its errors.
func (p *logListPage) Line(name string) input { return input{Name: name, Errors: p.Errors[name]} }

func actionChoices(now account.Action) []choice {
	var all []choice
	for _, a := range account.Actions() {
		all = append(all, choice{Title: actionLabels[a], Value: string(a), Current: a == now})
	}
	return all
}

func kindChoices(now account.Kind) []choice {
	var all []choice
	for _, k := range []account.Kind{account.KindUser, account.KindGroup, account.KindSession, account.KindConsole} {
		all = append(all, choice{Title: k.Label(), Value: string(k), Current: k == now})
	}
	return all
}

// actionLabels are the actions as the filter names them.
var actionLabels = map[account.Action]string{
	account.ActionLogin: "logged in", account.ActionLoginFailed: "failed to log in", account.ActionThrottled: "failed too often",
	account.ActionLogout: "logged out", account.ActionPassword: "changed a password", account.ActionAdd: "added",
	account.ActionImport: "imported",
	account.ActionChange: "changed", account.ActionDisable: "disabled", account.ActionEnable: "enabled", account.ActionDelete: "deleted",
	account.ActionRevoke: "ended sessions", account.ActionRevokeAll: "ended all sessions", account.ActionClear: "cleared expired sessions",
}

package console

import (
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/control"
	"pagesession/internal/page"
	"pagesession/session"
	"pagesession/storage/record"
)

// sessionPage shows one session of a visitor.
type sessionPage struct {
	frame
	sessionRow
	Values  []sessionValue
	Created time.Time
	Used    time.Time
	EndedAt time.Time // zero: it is not known, as the reason
	Why     string
	History []entryView // what operators did to it
	MayEnd  bool
	Was     *control.EndedOf // whose session it was, if an operator ended it a short while ago
	Alike   []alikeLink      // what other sessions may have in common with it
	SeesAll bool             // the operator is a superuser, who may export and erase

	ByPosition bool // the store lists by position, and counts no refreshes
}

// A sessionValue is one named value, as text.
type sessionValue struct {
	Name, Type, Text string
	Cut              bool // there is more of it
}

// maxValueText is how many bytes of a value are shown: a session may have 64 KiB.
const maxValueText = 4 << 10

// sessionOf finds the session that the address names.
func (s *console) sessionOf(r *request) (record.Row, error) {
	handle, err := record.ParseHandle(r.Params("handle"))
	if err != nil {
		return record.Row{}, page.Status(fiber.StatusNotFound)
	}
	row, err := s.Visitors.Find(r.UserContext(), handle)
	if err == nil && row.State == record.None {
		err = page.Status(fiber.StatusNotFound)
	}
	return row, err
}

func sessionURL(h record.Handle) string { return "/admin/sessions/" + h.String() + "/" }

// sessionShow answers GET /admin/sessions/<handle>/, also for a remembered end.
func (s *console) sessionShow(r *request) error {
	row, err := s.sessionOf(r)
	if err != nil {
		return err
	}
	now, shown := s.Now(), sessionRowOf(row)
	p := &sessionPage{
		frame:      s.frame(r, "Session "+row.Handle.Fingerprint(), crumb{"Sessions", "/admin/sessions/"}),
		sessionRow: shown, Values: textsOf(shown.values),
		Created: now.Add(-row.Age), Used: now.Add(-row.Unused), EndedAt: now.Add(-row.EndedAgo), Why: whyEnded(row.Reason),
		MayEnd: r.user.Can(account.DeleteSession), SeesAll: r.user.Superuser, ByPosition: s.Visitors.ByPosition(),
	}
	if was, known := s.LastEnded.Of(row.Handle); known && row.State != record.Live {
		p.Was = &was
	}
	if row.State == record.Live {
		p.Alike = shown.alike(endsMatching(r.user))
	}
	if row.Reason == record.NoReason {
		p.EndedAt = time.Time{} // a session server notices a timeout some minutes later
	}
	if r.user.Can(account.ViewLogEntry) {
		done, err := s.Accounts.Entries(r.UserContext(), account.EntryQuery{Kind: account.KindSession, ObjectID: row.Handle.String(), Limit: 10})
		if err != nil {
			return err
		}
		if p.History, err = s.entryViews(r, done.Entries); err != nil {
			return err
		}
	}
	return s.render(r, "session", p)
}

// textsOf returns a session's values as text.
func textsOf(values session.Values) []sessionValue {
	var all []sessionValue
	for name, data := range values.All() {
		text := strings.ToValidUTF8(fmt.Sprint(data), "\uFFFD")
		shown := sessionValue{Name: name, Type: fmt.Sprintf("%T", data), Text: text}
		if len(text) > maxValueText {
			shown.Text, shown.Cut = strings.ToValidUTF8(text[:maxValueText], ""), true
		}
		all = append(all, shown)
	}
	return all
}

// whyEnded returns a reason in words, for operators. A session that has ended without a
// reason has timed out: a session server does not know by which timeout.
func whyEnded(r record.Reason) string {
	switch r {
	case record.Idle:
		return "Expired: idle timeout"
	case record.Absolute:
		return "Expired: absolute timeout"
	case record.Deleted:
		return "Deleted by visitor"
	case record.Revoked:
		return "Ended by operator"
	case record.Replaced:
		return "Replaced by a new session ID"
	default:
		return "Timed out"
	}
}

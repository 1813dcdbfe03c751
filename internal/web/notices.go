package web

import (
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/messages"
)

// The notices that there are, by their texts' keys. Arguments are durations in
// milliseconds.
const (
	noticeRenamed  = "notice.renamed"
	noticeTimeout  = "notice.timeout"  // to {duration}
	noticeTimeouts = "notice.timeouts" // debug: from {before} to {after}
	noticeDeleted  = "notice.deleted"
	noticeAnew     = "notice.anew"
)

// A notice is shown once, at the top of a page.
type notice struct {
	Level string // debug, info, success, warning, error
	Role  string // status or alert: whether it interrupts
	Text  string
}

// notices are embedded in every page that shows them.
type notices struct{ Notices []notice }

func (n *notices) add(more []notice) { n.Notices = append(n.Notices, more...) }

// A noticePage is a page that shows notices.
type noticePage interface{ add([]notice) }

// show answers with a page, on which it shows the notices that wait, and
// deletes their cookie.
func (s *site) show(c *fiber.Ctx, e *edition, name string, page noticePage) error {
	page.add(s.waiting(c, e))
	return e.render(c, name, page)
}

// A plainPage is one that has nothing of its own to say.
type plainPage struct{ notices }

// waiting takes the notices that the visitor brings. Nobody sees the answer to
// a HEAD, to a prefetch or to a script (clock.js reads / for the written end),
// so they wait on then.
func (s *site) waiting(c *fiber.Ctx, e *edition) []notice {
	value, came := broughtMessages(&c.Request().Header)
	if !came || c.Method() == fiber.MethodHead || ahead(c) || fromScript(c) {
		return nil
	}
	setMessages(c, "", 0)
	return s.told(e, s.sealer.Open(value)...)
}

// told puts messages into the words of an edition. Those of level debug are for
// operators who asked for them.
func (s *site) told(e *edition, ms ...messages.Message) []notice {
	var all []notice
	for _, m := range ms {
		if m.Level == messages.Debug && !s.debug {
			continue
		}
		if text := e.noticeText(m); text != m.Key { // it may be from another version
			all = append(all, notice{Level: m.Level.String(), Role: role(m.Level), Text: text})
		}
	}
	return all
}

func (e *edition) noticeText(m messages.Message) string {
	args := make([]any, len(m.Args))
	for i, ms := range m.Args {
		args[i] = e.inWords(time.Duration(ms) * time.Millisecond)
	}
	return e.T(m.Key, args...)
}

func role(l messages.Level) string {
	if l >= messages.Warning {
		return "alert"
	}
	return "status"
}

// tell has the next page show messages, behind those that wait already. It
// comes last before the answer: a failing one must not tell of success.
func (s *site) tell(c *fiber.Ctx, ms ...messages.Message) {
	value, _ := broughtMessages(&c.Request().Header)
	all := append(s.sealer.Open(value), ms...)
	if !s.debug {
		all = withoutDebug(all)
	}
	sealed, err := s.sealer.Seal(all[max(0, len(all)-messages.MaxMessages):]...)
	if err != nil { // not with the messages above; the change is done, in any case
		s.log.logger.Error("a notice was lost", slog.Any("error", err))
		return
	}
	setMessages(c, sealed, messages.MaxAge)
}

func withoutDebug(all []messages.Message) []messages.Message {
	var kept []messages.Message
	for _, m := range all {
		if m.Level != messages.Debug {
			kept = append(kept, m)
		}
	}
	return kept
}

package web

import (
	"log/slog"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/page"
)

// flashCookie carries flash notices to the next page, across the end of a session.
var flashCookie = page.Cookie{Name: "messages", Path: "/", SameSite: "Lax"}

// The notices by their texts' keys. Arguments are durations in milliseconds.
const (
	noticeRenamed   = "notice.renamed"
	noticeTimeout   = "notice.timeout"  // to {duration}
	noticeTimeouts  = "notice.timeouts" // debug: from {before} to {after}
	noticeDeleted   = "notice.deleted"
	noticeNotOnDisk = "notice.not_on_disk" // deleted, in memory
	noticeNothing   = "notice.nothing"     // there was no session to delete
	noticeAnew      = "notice.anew"
)

// notices are embedded in every page that shows them.
type notices struct{ Notices []page.Notice }

func (n *notices) add(more []page.Notice) { n.Notices = append(n.Notices, more...) }

// A noticePage is a page that shows notices.
type noticePage interface{ add([]page.Notice) }

// show answers with a page that shows the flash notices, too.
func (s *site) show(c *fiber.Ctx, p *localized, name string, data noticePage) error {
	data.add(s.inWords(p, s.flashes.Take(c)...))
	return p.render(c, name, data)
}

// inWords puts flash notices into a language, those of level debug with --debug.
func (s *site) inWords(p *localized, flashes ...page.Flash) []page.Notice {
	var all []page.Notice
	for _, f := range s.wanted(flashes) {
		args := make([]any, len(f.Args))
		for i, ms := range f.Args {
			args[i] = p.Duration(time.Duration(ms) * time.Millisecond)
		}
		if text := p.T(f.Key, args...); text != f.Key { // it may be from another version
			all = append(all, page.Notice{Level: f.Level, Text: text})
		}
	}
	return all
}

func (s *site) wanted(flashes []page.Flash) []page.Flash {
	return slices.DeleteFunc(flashes, func(f page.Flash) bool { return f.Level == page.Debug && !s.Debug })
}

// flash has the next page show notices. It only logs a failure: the change is done.
func (s *site) flash(c *fiber.Ctx, flashes ...page.Flash) {
	if err := s.flashes.Add(c, s.wanted(flashes)...); err != nil {
		s.Logger.Error("notice could not be stored for the next page", slog.Any("error", err))
	}
}

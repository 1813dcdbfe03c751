package web

import (
	"errors"
	"io"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/page"
	"pagesession/internal/session"
	"pagesession/internal/text"
	"pagesession/views"
)

// localized are the pages in one language. Each has the same templates, in which
// {{t}} is bound to its texts, and its own prerendered pages. But for the moments
// they do not change.
type localized struct {
	*text.Language
	seconds     text.Counted
	secondsLeft text.Counted // without the number

	templates *page.Templates
	tag       []byte // the language for Content-Language
	idle      string // the configured idle timeout in words
	zone      *time.Location
	moments   moments

	get *page.Prerendered[getPage]
	set *page.Prerendered[setPage]
}

// localize loads the pages in a language.
func (s *site) localize(l *text.Language, cfg Config) (*localized, error) {
	p := &localized{Language: l, tag: []byte(l.Tag()), idle: l.Duration(cfg.IdleTimeout), zone: cfg.TimeZone}
	var errs [5]error
	p.seconds, errs[0] = l.Counted("unit.seconds")
	p.secondsLeft, errs[1] = l.Counted("clock.seconds")
	if p.templates, errs[2] = page.LoadTemplates(views.Templates, funcs(l, cfg.TimeZone)); errs[2] == nil {
		blankGet := func() *getPage { return &getPage{Clock: new(clock), TimeoutOptions: p.timeoutOptions(s.timeouts, 0)} }
		p.get, errs[3] = page.NewPrerendered(blankGet, p.executor("get"))
		p.set, errs[4] = page.NewPrerendered(func() *setPage { return &setPage{Clock: new(clock)} }, p.executor("set"))
	}
	return p, errors.Join(errs[:]...)
}

// pages returns the pages in the visitor's language, and says in Vary when that
// was the browser's choice.
func (s *site) pages(c *fiber.Ctx) *localized {
	if s.languages.negotiates() {
		c.Vary(fiber.HeaderAcceptLanguage)
	}
	return s.localized[s.languages.negotiate(&c.Request().Header)]
}

// render answers with a page.
func (p *localized) render(c *fiber.Ctx, name string, data any) error {
	p.mark(c)
	return p.templates.Render(c, name, data)
}

// mark says which language the answer is in.
func (p *localized) mark(c *fiber.Ctx) {
	c.Response().Header.SetCanonical(contentLanguage, p.tag)
}

var contentLanguage = []byte(fiber.HeaderContentLanguage)

// executor renders one of the pages into memory, to be prerendered.
func (p *localized) executor(name string) func(io.Writer, any) error {
	return func(w io.Writer, data any) error { return p.templates.Execute(w, name, data) }
}

// idleTimeout is a session's idle timeout in words, or the configured one.
func (p *localized) idleTimeout(view session.View) string {
	if view.IdleTimeout > 0 {
		return p.Duration(view.IdleTimeout)
	}
	return p.idle
}

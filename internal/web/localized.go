package web

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/internal/page"
	"pagesession/internal/text"
	"pagesession/session"
	"pagesession/views"
)

// Languages are those of the pages. They do not change.
type Languages struct {
	all     []*text.Language
	matcher text.Matcher // chooses, when there is more than one
}

// LoadLanguages reads one of text.Tags, or all of them for text.Auto.
func LoadLanguages(choice string) (*Languages, error) {
	tags := []string{choice}
	if choice == text.Auto {
		tags = text.Tags()
	}
	all := make([]*text.Language, len(tags))
	for i, tag := range tags {
		var err error
		if all[i], err = text.Load(tag); err != nil {
			return nil, err
		}
	}
	return newLanguages(all...), nil
}

func newLanguages(all ...*text.Language) *Languages {
	return &Languages{all, text.NewMatcher(all)}
}

// negotiate returns the place of the language to answer a request in.
func (l *Languages) negotiate(h *fasthttp.RequestHeader) int {
	if !l.negotiates() {
		return 0
	}
	return l.matcher.Match(string(h.Peek(fiber.HeaderAcceptLanguage)))
}

// negotiates reports whether an answer depends on Accept-Language.
func (l *Languages) negotiates() bool { return len(l.all) > 1 }

// localized are the pages in one language: the templates with its texts, and its
// prerendered pages. Except for moments and timesLeft they do not change.
type localized struct {
	*text.Language
	templates *page.Templates
	tag       []byte // the language for Content-Language
	idle      string // the configured idle timeout in words
	zone      *time.Location
	moments   moments
	timesLeft timesLeft

	get *page.Prerendered[getPage]
	set *page.Prerendered[setPage]
}

// localize loads the pages in a language.
func (s *site) localize(l *text.Language) (*localized, error) {
	p := &localized{Language: l, tag: []byte(l.Tag()), idle: l.Duration(s.IdleTimeout), zone: s.TimeZone}
	var errs [3]error
	if p.templates, errs[0] = page.LoadTemplates(views.Templates, s.BasePath, s.StaticURL, funcs(l, s.TimeZone, s.BasePath, s.files.Lasting(scriptName(l)))); errs[0] == nil {
		blankGet := func() *getPage { return &getPage{Clock: new(clock), TimeoutOptions: p.timeoutOptions(s.timeouts, 0)} }
		p.get, errs[1] = page.NewPrerendered(blankGet, p.templates.Lookup("get").Execute)
		p.set, errs[2] = page.NewPrerendered(func() *setPage { return &setPage{Clock: new(clock)} }, p.templates.Lookup("set").Execute)
	}
	return p, errors.Join(errs[:]...)
}

// pages returns the pages in the visitor's language, and adds Vary if that varies.
func (s *site) pages(c *fiber.Ctx) *localized {
	if s.Languages.negotiates() {
		c.Vary(fiber.HeaderAcceptLanguage)
	}
	return s.localized[s.Languages.negotiate(&c.Request().Header)]
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

// idleTimeout is a session's idle timeout in words, or the configured one.
func (p *localized) idleTimeout(view session.View) string {
	if view.IdleTimeout > 0 {
		return p.Duration(view.IdleTimeout)
	}
	return p.idle
}

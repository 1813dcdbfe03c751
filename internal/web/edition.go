package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	html "github.com/gofiber/template/html/v2"

	"pagesession/internal/assets"
	"pagesession/internal/session"
	"pagesession/internal/text"
)

// An edition is the pages in one language. Each has its own engine with the
// same templates, in which {{t}} is bound to its texts, and its own stencils.
// But for the moments it does not change after newEdition.
type edition struct {
	*text.Language
	seconds, minutes, hours text.Counted
	secondsLeft             text.Counted // without the number

	engine *html.Engine
	tag    []byte // the language for Content-Language
	lives  string // the idle timeout in words
	zone   *time.Location

	moments moments

	getStencil, setStencil *stencil // nil: the page can only be rendered
}

// newEdition parses the templates for a language. The idle timeout is what its
// pages say when they have no session to ask; their dates are in zone.
func newEdition(l *text.Language, files assets.Files, idle time.Duration, zone *time.Location) (*edition, error) {
	e := &edition{Language: l, tag: []byte(l.Tag()), zone: zone}
	var seconds, minutes, hours, left, pages error
	e.seconds, seconds = l.Counted("unit.seconds")
	e.minutes, minutes = l.Counted("unit.minutes")
	e.hours, hours = l.Counted("unit.hours")
	e.secondsLeft, left = l.Counted("clock.seconds")
	e.engine, pages = loadTemplates(l, files, zone)
	if err := errors.Join(seconds, minutes, hours, left, pages); err != nil {
		return nil, err
	}
	e.lives = e.inWords(idle)
	return e, nil
}

// render answers with a page of this edition.
func (e *edition) render(c *fiber.Ctx, name string, page any) error {
	e.mark(c)
	return c.Render(e.Tag()+"/"+name, page)
}

// mark says which language the answer is in.
func (e *edition) mark(c *fiber.Ctx) {
	c.Response().Header.SetCanonical(contentLanguage, e.tag)
}

var contentLanguage = []byte(fiber.HeaderContentLanguage)

// execute renders a page into memory.
func (e *edition) execute(name string, page any) ([]byte, error) {
	var b bytes.Buffer
	err := e.engine.Render(&b, name, page)
	return b.Bytes(), err
}

func (e *edition) idle(view session.View) string {
	if view.IdleTimeout > 0 {
		return e.inWords(view.IdleTimeout)
	}
	return e.lives
}

// editions are the languages that are spoken here. They are Fiber's Views: the
// template "de/get" is the page get of the German edition. Rendering takes no
// lock of ours, and the engine's only to find the template.
type editions []*edition

// Load has nothing left to do: New has loaded everything.
func (editions) Load() error { return nil }

// Render writes a page. Layouts are refused: see package views.
func (all editions) Render(w io.Writer, name string, page any, layout ...string) error {
	tag, rest, _ := strings.Cut(name, "/")
	for _, e := range all {
		if e.Tag() == tag && len(layout) == 0 {
			return e.engine.Render(w, rest, page)
		}
	}
	return fmt.Errorf("there is no page %q with layout %q", name, layout)
}

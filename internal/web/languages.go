package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/internal/text"
)

// Languages are those that the pages are written in, and which of them a
// request is answered in. They do not change.
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

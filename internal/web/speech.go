package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/internal/text"
)

// speech is which languages are spoken, and to whom.
type speech struct {
	languages []*text.Language
	matcher   text.Matcher // chooses, when there is more than one
}

func loadSpeech(choice string, load func(tag string) (*text.Language, error)) (speech, error) {
	tags := []string{choice}
	if choice == text.Auto {
		tags = text.Tags()
	}
	var languages []*text.Language
	for _, tag := range tags {
		l, err := load(tag)
		if err != nil {
			return speech{}, err
		}
		languages = append(languages, l)
	}
	return speech{languages, text.NewMatcher(languages)}, nil
}

// negotiates tells whether an answer depends on Accept-Language.
func (s speech) negotiates() bool { return len(s.languages) > 1 }

// choose returns the place of the language to answer a request in.
func (s speech) choose(h *fasthttp.RequestHeader) int {
	if !s.negotiates() {
		return 0
	}
	return s.matcher.Match(string(h.Peek(fiber.HeaderAcceptLanguage)))
}

// edition returns the pages in the visitor's language, and says in Vary when
// that was the browser's choice.
func (s *site) edition(c *fiber.Ctx) *edition {
	if s.speech.negotiates() {
		c.Vary(fiber.HeaderAcceptLanguage)
	}
	return s.editions[s.speech.choose(&c.Request().Header)]
}

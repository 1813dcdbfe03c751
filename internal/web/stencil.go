package web

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
)

// A stencil is a page whose constant text was rendered once, at start, with
// marks where the values go. Filling it gives the bytes that html/template
// would give, in a twentieth of the time and without its allocations. The
// template stays the page's only source: newStencil renders hostile values both
// ways and refuses a page for which the results are not equal, such as one in
// which a value decides what is shown, or stands in a script or a URL.
type stencil struct {
	pieces [][]byte // constant text; one more than slots
	slots  []int    // the value that stands behind each piece
	values sync.Pool
}

// hostile values hold everything that html/template escapes or looks at twice.
var hostile = [...]string{
	"", "plain", `<script>alert("1")</script>`, "' onload='x", "&amp;&lt;", "a+b=c", "\x00", "`${x}`",
	"\xff\xfe", "\uFDD0\uFFF0", "javascript:alert(1)", "</title><!--", "é 日本 🎈", "{{.}}",
}

// newStencil makes a stencil of a page with n values. render renders it with
// the given ones.
func newStencil(n int, render func(values []string) ([]byte, error)) (*stencil, error) {
	marks := make([]string, n)
	for i := range marks {
		marks[i] = fmt.Sprintf("mark%dkram", i)
	}
	page, err := render(marks)
	if err != nil {
		return nil, err
	}
	s := cut(page, marks)
	s.values.New = func() any { return &values{pool: &s.values} }
	return s, s.check(n, render)
}

// cut takes a page apart at its marks, in the order in which they stand.
func cut(page []byte, marks []string) *stencil {
	s := &stencil{}
	for {
		at, which := len(page), -1
		for i, mark := range marks {
			if j := bytes.Index(page, []byte(mark)); j >= 0 && j < at {
				at, which = j, i
			}
		}
		s.pieces = append(s.pieces, page[:at:at])
		if which < 0 {
			return s
		}
		s.slots = append(s.slots, which)
		page = page[at+len(marks[which]):]
	}
}

// check puts every hostile value in every slot.
func (s *stencil) check(n int, render func([]string) ([]byte, error)) error {
	for shift := range hostile {
		in, v := make([]string, n), new(values)
		for i := range in {
			in[i] = hostile[(shift+i)%len(hostile)]
			v.add(in[i])
		}
		want, err := render(in)
		if err != nil {
			return err
		}
		if !bytes.Equal(s.append(nil, v), want) {
			return fmt.Errorf("a filled stencil differs from the template for values such as %q", in[0])
		}
	}
	return nil
}

// append appends the page with v to b. One slice all through: handing each piece
// to the response takes longer than to copy the whole page into it once more.
func (s *stencil) append(b []byte, v *values) []byte {
	for i, slot := range s.slots {
		b = append(b, s.pieces[i]...)
		if v.ends[slot].plain {
			b = append(b, v.get(slot)...)
		} else {
			b = appendEscaped(b, v.get(slot))
		}
	}
	return append(b, s.pieces[len(s.slots)]...)
}

// begin returns values to add to, in the order of the marks, for answer.
func (s *stencil) begin() *values {
	v := s.values.Get().(*values)
	v.text, v.ends = v.text[:0], v.ends[:0]
	return v
}

// answer sends the page with v. The page is lent to the response, which would
// copy it into memory that only its connection uses and no cache has; the engine
// closes v, as it does with every user value, after the answer is written.
func (s *stencil) answer(c *fiber.Ctx, v *values) error {
	v.page = s.append(v.page[:0], v)
	c.Response().Header.SetContentType(fiber.MIMETextHTMLCharsetUTF8)
	c.Response().SetBodyRaw(v.page)
	c.Context().SetUserValue(lent{}, v)
	return nil
}

// lent is the user value that holds the values of the page that is sent.
type lent struct{}

// values are what is filled in, text behind text in one buffer.
type values struct {
	text []byte
	ends []ending
	page []byte // room for the page that they are filled into
	pool *sync.Pool
}

// Close gives the values and their page back to the stencil.
func (v *values) Close() error {
	v.pool.Put(v)
	return nil
}

// An ending is where a value ends, and whether it is one that needs no
// escaping whatever it is, such as a number.
type ending struct {
	at    int
	plain bool
}

func (v *values) add(s string) { v.text = append(v.text, s...); v.end() }
func (v *values) addPlain(s string) {
	v.text = append(v.text, s...)
	v.endPlain()
}
func (v *values) end()      { v.ends = append(v.ends, ending{len(v.text), false}) }
func (v *values) endPlain() { v.ends = append(v.ends, ending{len(v.text), true}) }

func (v *values) get(i int) []byte {
	from := 0
	if i > 0 {
		from = v.ends[i-1].at
	}
	return v.text[from:v.ends[i].at]
}

// appendEscaped escapes as html/template does in text and in quoted attributes
// (html/template, html.go, htmlReplacementTable).
func appendEscaped(b, text []byte) []byte {
	if !hasSpecial(text) {
		return append(b, text...)
	}
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if i := strings.IndexRune(special, r); i >= 0 && n == 1 && r != utf8.RuneError {
			b = append(b, replacement[i]...)
		} else {
			b = append(b, text[:n]...)
		}
		text = text[n:]
	}
	return b
}

// hasSpecial is bytes.ContainsAny for the short values of a page, for which that
// takes longer to get ready than to look.
func hasSpecial(text []byte) bool {
	for _, c := range text {
		switch c {
		case 0, '"', '&', '\'', '+', '<', '>':
			return true
		}
	}
	return false
}

const special = "\x00\"&'+<>"

var replacement = [...]string{"\uFFFD", "&#34;", "&amp;", "&#39;", "&#43;", "&lt;", "&gt;"}

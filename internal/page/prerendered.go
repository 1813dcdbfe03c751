package page

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"sync"

	"github.com/gofiber/fiber/v2"
)

// A Prerendered page is rendered once, at start, with marks in place of its slots,
// the fields of P that are a Value. Filling the slots gives the bytes of
// html/template in a twentieth of the time, without allocations.
//
// P is the page's one list of fields: the template reads them by name, the fast
// path finds them by type. A handler sets them on a draft, and sends the draft or
// renders its Page with the template.
//
// NewPrerendered fills in hostile values both ways, and refuses a page for which
// the results differ, such as one in which a value decides what is shown.
type Prerendered[P any] struct {
	blank  func() *P
	pieces [][]byte // constant text; one more than slots
	slots  []int    // the value that stands behind each piece
	drafts sync.Pool
}

// A Draft is a page to set values on. It belongs to one request.
type Draft[P any] struct {
	Page   *P
	values []*Value
	html   []byte // room for the page with its values
	pool   *sync.Pool
}

// hostile values hold everything that html/template escapes or looks at twice.
var hostile = [...]string{
	"", "plain", `<script>alert("1")</script>`, "' onload='x", "&amp;&lt;", "a+b=c", "\x00", "`${x}`",
	"\xff\xfe", "\uFDD0\uFFF0", "javascript:alert(1)", "</title><!--", "é 日本 🎈", "{{.}}",
}

// NewPrerendered prerenders a page. blank makes a page with room for all its
// slots, each time another; execute renders it with its template.
func NewPrerendered[P any](blank func() *P, execute func(w io.Writer, page any) error) (*Prerendered[P], error) {
	r := &Prerendered[P]{blank: blank}
	r.drafts.New = func() any { return r.newDraft() }
	d := r.newDraft()
	marks := make([]string, len(d.values))
	for i, value := range d.values {
		marks[i] = fmt.Sprintf("slot%dmark", i)
		value.Set(marks[i])
	}
	var page bytes.Buffer
	if err := execute(&page, d.Page); err != nil {
		return nil, err
	}
	r.split(page.Bytes(), marks)
	return r, r.check(execute)
}

func (r *Prerendered[P]) newDraft() *Draft[P] {
	page := r.blank()
	return &Draft[P]{Page: page, values: valuesIn(reflect.ValueOf(page)), pool: &r.drafts}
}

// split takes a page apart at its marks, in the order in which they stand.
func (r *Prerendered[P]) split(page []byte, marks []string) {
	for {
		at, which := len(page), -1
		for i, mark := range marks {
			if j := bytes.Index(page, []byte(mark)); j >= 0 && j < at {
				at, which = j, i
			}
		}
		r.pieces = append(r.pieces, page[:at:at])
		if which < 0 {
			return
		}
		r.slots = append(r.slots, which)
		page = page[at+len(marks[which]):]
	}
}

// check puts every hostile value in every slot.
func (r *Prerendered[P]) check(execute func(io.Writer, any) error) error {
	for shift := range hostile {
		d := r.newDraft()
		for i, value := range d.values {
			value.Set(hostile[(shift+i)%len(hostile)])
		}
		var want bytes.Buffer
		if err := execute(&want, d.Page); err != nil {
			return err
		}
		if !bytes.Equal(r.append(nil, d.values), want.Bytes()) {
			return fmt.Errorf("a prerendered page differs from its template for values such as %q", hostile[shift])
		}
	}
	return nil
}

// append appends the page to b: one slice is faster than many writes.
func (r *Prerendered[P]) append(b []byte, values []*Value) []byte {
	for i, slot := range r.slots {
		b = appendEscaped(append(b, r.pieces[i]...), values[slot].text)
	}
	return append(b, r.pieces[len(r.slots)]...)
}

// Draft returns a page to set values on; every slot has to be set, because they
// hold those of an earlier request. It allocates nothing once there are enough.
func (r *Prerendered[P]) Draft() *Draft[P] { return r.drafts.Get().(*Draft[P]) }

// Send answers with the page. The response borrows its memory instead of copying
// it. Do not touch the draft any more.
func (r *Prerendered[P]) Send(c *fiber.Ctx, d *Draft[P]) error {
	d.html = r.append(d.html[:0], d.values)
	c.Response().Header.SetContentType(fiber.MIMETextHTMLCharsetUTF8)
	c.Response().SetBodyRaw(d.html)
	c.Context().SetUserValue(lent{}, d)
	return nil
}

// lent is the user value that holds the draft that is sent. The engine closes
// every user value after the answer is written.
type lent struct{}

// Close gives the draft back for another request.
func (d *Draft[P]) Close() error {
	d.pool.Put(d)
	return nil
}

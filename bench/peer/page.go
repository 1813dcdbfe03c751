package peer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"pagesession/bench/load"
)

// A Page is the product's page, split at its values. A peer reads it from page.json.
type Page struct {
	Get    Split  `json:"get"`    // the answer to GET /get/ of a live session
	Set    Split  `json:"set"`    // the answer to GET /set/
	Answer []byte `json:"answer"` // the bytes of an answer to GET /get/, headers included
}

// A Split is a page without its values: field i stands after part i.
type Split struct {
	Parts  []string          `json:"parts"` // one more than Fields
	Fields []string          `json:"fields"`
	Values map[string]string `json:"values"` // of the product's answer
}

// A slot is the place of a value in the page: after mark and opens, up to closes.
type slot struct{ field, mark, opens, closes string }

// slots returns the places of all values, in the page's order.
func slots() []slot {
	list := []slot{
		{"After", `http-equiv="refresh"`, `content="`, ";"},
		{"RemainingMS", " remaining-ms=", `"`, `"`},
		{"IdleMS", " idle-ms=", `"`, `"`},
		{"AbsoluteMS", " absolute-ms=", `"`, `"`},
		{"Seconds", "<b", ">", "<"},
		{"Unit", "<span", ">", "<"},
		{"Name", "<bdi", ">", "<"},
		{"EndsISO", "<time datetime=", `"`, `"`},
		{"Ends", "", ">", "<"},
		{"Age", "<b data-age", ">", "<"},
	}
	for _, n := range []string{"1", "2", "3"} {
		list = append(list, slot{"Choice" + n, `name="timeout"`, `value="`, `"`},
			slot{"Current" + n, "aria-current=", `"`, `"`}, slot{"Words" + n, "", ">", "<"})
	}
	return list
}

// split splits a page at the values that it has.
func split(page string) Split {
	s := Split{Values: map[string]string{}}
	from := 0
	for _, slot := range slots() {
		begin, end, ok := slot.in(page, from)
		if !ok {
			continue
		}
		s.Parts, s.Fields = append(s.Parts, page[from:begin]), append(s.Fields, slot.field)
		s.Values[slot.field] = page[begin:end]
		from = end
	}
	s.Parts = append(s.Parts, page[from:])
	return s
}

// in finds the slot's value in the page, at or after from.
func (s slot) in(page string, from int) (begin, end int, ok bool) {
	begin = from
	for _, text := range []string{s.mark, s.opens} {
		at := strings.Index(page[begin:], text)
		if at < 0 {
			return 0, 0, false
		}
		begin += at + len(text)
	}
	length := strings.Index(page[begin:], s.closes)
	return begin, begin + length, length >= 0
}

// TakePage requests the product's page. In Answer a made-up id replaces the session's. A page
// that lacks one of the values is an error: it would be cheaper to render.
func TakePage(base string) (Page, error) {
	conn := load.Dial(base)
	defer conn.Close()
	id, err := conn.Create()
	if err != nil {
		return Page{}, err
	}
	p := Page{Set: split(string(conn.Answer.Body()))}
	if _, err := conn.Get("/get/", id); err != nil {
		return Page{}, fmt.Errorf("ask for /get/: %w", err)
	}
	if conn.Judge(load.Live()) != load.Good {
		return Page{}, errors.New("/get/ of a new session gave no good answer")
	}
	p.Get = split(string(conn.Answer.Body()))
	for _, s := range slots() {
		if _, ok := p.Get.Values[s.field]; !ok {
			return Page{}, fmt.Errorf("the product's page lacks the value %s; adjust slots in bench/peer/page.go", s.field)
		}
	}
	var raw bytes.Buffer
	_, err = conn.Answer.WriteTo(&raw)
	p.Answer = bytes.ReplaceAll(raw.Bytes(), []byte(id), []byte(load.Strangers(1)[0]))
	return p, err
}

// write writes the page into a peer's folder.
func (p Page) write(dir string) error {
	data, err := json.Marshal(p)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "page.json"), data, 0o600)
	}
	if err != nil {
		err = fmt.Errorf("write a peer's page: %w", err)
	}
	return err
}

// readPage reads the page of a peer that works in dir.
func readPage(dir string) (p Page, err error) {
	data, err := os.ReadFile(filepath.Join(dir, "page.json"))
	if err == nil {
		err = json.Unmarshal(data, &p)
	}
	if err != nil {
		err = fmt.Errorf("read the page: %w", err)
	}
	return p, err
}

// values are the values of a page, all text: html/template escapes numbers far slower.
type values struct {
	After, RemainingMS, IdleMS, AbsoluteMS, Seconds, Unit, Name, Age, EndsISO, Ends string
	Choice1, Current1, Words1, Choice2, Current2, Words2, Choice3, Current3, Words3 string
}

// at returns the values at that instant. AbsoluteMS differs each time, as the product's does:
// a client might read equal pages faster.
func (v values) at(name string, now time.Time) *values {
	ends := now.Add(load.IdleTimeout).UTC()
	v.Name, v.AbsoluteMS = name, strconv.FormatInt(43_200_000-now.UnixMicro()%1_000_000, 10)
	v.Ends, v.EndsISO = ends.Format("Jan. 2, 2006, 3:04:05 PM"), ends.Format(time.RFC3339)
	return &v
}

// A renderer has the page as Go templates, and its values.
type renderer struct {
	pages *template.Template // getPage and setPage
	base  values
}

// The names of the templates.
const (
	getPage = "get"
	setPage = "set"
)

func newRenderer(p Page) (r renderer, err error) {
	r.pages = template.New("")
	for name, s := range map[string]Split{getPage: p.Get, setPage: p.Set} {
		if _, err := r.pages.New(name).Parse(s.source()); err != nil {
			return r, fmt.Errorf("parse the peers' page %q: %w", name, err)
		}
	}
	data, err := json.Marshal(p.Get.Values)
	if err == nil {
		err = json.Unmarshal(data, &r.base)
	}
	return r, err
}

// source returns the page as a Go template.
func (s Split) source() string {
	var b strings.Builder
	for i, field := range s.Fields {
		b.WriteString(s.Parts[i] + "{{." + field + "}}")
	}
	return b.String() + s.Parts[len(s.Fields)]
}

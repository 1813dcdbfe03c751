package console

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A listing is the address of a list: its path, and the search, filters, order
// and page that are not the default. Links and forms of the list are made of it.
type listing struct {
	path   string
	values url.Values
	order  string // a heading's name, with a minus for descending
}

// Parameters that several lists have.
const (
	pageParameter   = "p"
	searchParameter = "q"
	orderParameter  = "o" // a column, with a minus for descending
)

// rowsOnPage is how much of a list one page shows.
const rowsOnPage = 50

// maxSearch is longer than a name or an address is; agents are up to 200.
const maxSearch = 200

func newListing(path string) listing { return listing{path: path, values: url.Values{}} }

// keep puts a parameter that is not empty into the list's links, and returns it.
func (l listing) keep(name, value string) string {
	if value != "" {
		l.values.Set(name, value)
	}
	return value
}

// with is the list's first page with other parameters: name, value, name, value.
func (l listing) with(pairs ...string) string {
	values := maps.Clone(l.values)
	values.Del(pageParameter)
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Del(pairs[i])
		if pairs[i+1] != "" {
			values.Set(pairs[i], pairs[i+1])
		}
	}
	if len(values) == 0 {
		return l.path
	}
	return l.path + "?" + values.Encode()
}

// A pair is a parameter that a form sends along.
type pair struct{ Name, Value string }

// without are the parameters that a form sends along, without those it has fields for.
func (l listing) without(names ...string) []pair {
	var all []pair
	for _, name := range slices.Sorted(maps.Keys(l.values)) {
		if name != pageParameter && !slices.Contains(names, name) {
			all = append(all, pair{name, l.values.Get(name)})
		}
	}
	return all
}

// clear is the list without search and filters, in its order; "" if it has none.
func (l listing) clear() string {
	if len(l.without(orderParameter)) == 0 {
		return ""
	}
	return newListing(l.path).with(orderParameter, l.values.Get(orderParameter))
}

// wrongSearch says what is wrong with a search: it is too long. "" is nothing.
func wrongSearch(search string) string {
	if utf8.RuneCountInString(search) > maxSearch {
		return "This search is too long. Enter at most " + strconv.Itoa(maxSearch) + " characters."
	}
	return ""
}

// An option is a link to the list with one filter set.
type option struct {
	Title, URL string
	Value      string // of the parameter
	Count      int
	Current    bool
}

// A filter is a parameter of a list, with what it can be set to.
type filter struct {
	Title, Name string
	Options     []option
}

// A heading is a column of a list. One with a name sorts by it.
type heading struct {
	name, title, class string
	descending         bool // the first time
}

// sort takes the order in the address, such as "-created", or else another one.
func (l *listing) sort(r *request, headings []heading, otherwise string) (name string, descending bool) {
	asked := r.query(orderParameter)
	name = strings.TrimPrefix(asked, "-")
	if l.order = otherwise; name != "" && slices.ContainsFunc(headings, func(h heading) bool { return h.name == name }) {
		l.order = l.keep(orderParameter, asked)
	}
	name, descending = strings.CutPrefix(l.order, "-")
	return name, descending
}

// A column is a heading with its link.
type column struct {
	Title, URL, Class string
	Sort              string // "ascending", "descending", or "" if another one sorts
}

// columns are the headings with links that sort, or sort the other way.
func (l listing) columns(headings []heading) []column {
	all := make([]column, len(headings))
	for i, h := range headings {
		all[i] = column{Title: h.title, Class: h.class}
		if h.name == "" {
			continue
		}
		next := h.name
		switch {
		case l.order == h.name:
			all[i].Sort, next = "ascending", "-"+h.name
		case l.order == "-"+h.name:
			all[i].Sort = "descending"
		case h.descending:
			next = "-" + h.name
		}
		all[i].URL = l.with(orderParameter, next)
	}
	return all
}

// A pager leads through a list's pages.
type pager struct {
	Page, Last     int
	From, To       int // rows, counted from 1
	Total          int
	Previous, Next string
	First, End     string // the first and the last page, where that is not this one

	// Only of a list by position, which has neither numbers of pages nor a way back.
	Says   string // how far it is, in words
	GoesOn bool   // Next continues a search that has looked at enough sessions for one page
}

// pageAsked reads a page's number; 1 if it is not valid.
func pageAsked(r *request) int {
	n, err := strconv.Atoi(r.query(pageParameter))
	if err != nil || n < 1 || n > 1<<30/rowsOnPage {
		return 1
	}
	return n
}

// find looks for the rows of a page, or of the last page if the list is shorter.
// look takes the number of rows to skip; its error is find's.
func (l listing) find(page int, look func(offset int) (rows, total int, err error)) (pager, error) {
	rows, total, err := look((page - 1) * rowsOnPage)
	p := l.pager(page, total)
	if err == nil && rows == 0 && total > 0 {
		_, _, err = look(p.From - 1)
	}
	return p, err
}

// pager returns the pager of a list with total rows. A page after the last is the last.
func (l listing) pager(page, total int) pager {
	last := max(1, (total+rowsOnPage-1)/rowsOnPage)
	page = min(page, last)
	p := pager{Page: page, Last: last, From: (page-1)*rowsOnPage + 1, To: min(page*rowsOnPage, total), Total: total}
	if page > 1 {
		p.First, p.Previous = l.with(), l.with(pageParameter, strconv.Itoa(page-1))
	}
	if page < last {
		p.Next, p.End = l.with(pageParameter, strconv.Itoa(page+1)), l.with(pageParameter, strconv.Itoa(last))
	}
	return p
}

package console

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
)

// A listing is the address of a list: its path, and the search, filters, order
// and page that are not the default. Links and forms of the list are made of it.
type listing struct {
	path   string
	values url.Values
}

const pageParameter = "p"

// rowsOnPage is how much of a list one page shows.
const rowsOnPage = 50

// with is the address with other parameters, name, value, name, value; an empty
// one is left out. It leads to the first page.
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

// without are the parameters for a form that has fields for these, and begins at
// the first page.
func (l listing) without(names ...string) []pair {
	var all []pair
	for _, name := range slices.Sorted(maps.Keys(l.values)) {
		if name != pageParameter && !slices.Contains(names, name) {
			all = append(all, pair{name, l.values.Get(name)})
		}
	}
	return all
}

// A choice is a link to the list with one filter set.
type choice struct {
	Title, URL string
	Value      string // of the parameter
	Count      int
	Current    bool
}

// A filter is a parameter of a list, with what it can be set to.
type filter struct {
	Title, Name string
	Choices     []choice
}

// A column is a heading that sorts.
type column struct {
	Title, URL, Class string
	Sort              string // "ascending", "descending", or "" if another one sorts
}

// A pager leads through a list's pages.
type pager struct {
	Page, Last     int
	From, To       int // rows, counted from 1
	Total          int
	Previous, Next string
	First, End     string // the first and the last page, where that is not this one
}

// pageAsked reads a page's number; 1 if it is none.
func pageAsked(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1<<30/rowsOnPage {
		return 1
	}
	return n
}

// pages is the pager of a list with so many rows. A page behind the last is the
// last.
func (l listing) pages(page, total int) pager {
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

// Offset is how many rows come before the page.
func (p pager) Offset() int { return p.From - 1 }

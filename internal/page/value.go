package page

import (
	"reflect"
	"strconv"
)

// A Value is a field of a page that differs from request to request. Templates
// write it as text. It keeps its memory when it is set again; zero is empty.
type Value struct{ text []byte }

// String returns the value's text.
func (v Value) String() string { return string(v.text) }

// Set makes it a text, which is escaped where it is shown.
func (v *Value) Set(s string) { v.text = append(v.text[:0], s...) }

// SetInt makes it a number.
func (v *Value) SetInt(n int64) { v.text = strconv.AppendInt(v.text[:0], n, 10) }

// SetBool makes it "true" or "false".
func (v *Value) SetBool(b bool) { v.text = strconv.AppendBool(v.text[:0], b) }

// valuesIn returns the values in a page and in its structs and slices, in order.
func valuesIn(v reflect.Value) []*Value {
	if v.CanAddr() && v.CanInterface() {
		if value, ok := v.Addr().Interface().(*Value); ok {
			return []*Value{value}
		}
	}
	var all []*Value
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			all = valuesIn(v.Elem())
		}
	case reflect.Struct:
		for field, at := range v.Fields() {
			if field.IsExported() || field.Anonymous {
				all = append(all, valuesIn(at)...)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			all = append(all, valuesIn(v.Index(i))...)
		}
	}
	return all
}

// appendEscaped escapes as html/template does (html.go, htmlReplacementTable).
func appendEscaped(b, text []byte) []byte {
	from := 0
	for i, c := range text {
		if c < 64 && special>>c&1 == 1 {
			b = append(append(b, text[from:i]...), replacements[c]...)
			from = i + 1
		}
	}
	return append(b, text[from:]...)
}

// special has a bit for each byte that is escaped: a mask is faster than a table.
const special uint64 = 1<<0 | 1<<'"' | 1<<'&' | 1<<'\'' | 1<<'+' | 1<<'<' | 1<<'>'

var replacements = [64]string{0: "\uFFFD", '"': "&#34;", '&': "&amp;", '\'': "&#39;", '+': "&#43;", '<': "&lt;", '>': "&gt;"}

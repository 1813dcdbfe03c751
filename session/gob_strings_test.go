package session

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"
)

// pairsOf returns what stringPairs finds in a gob.
func pairsOf(gob string) (found map[string]any, ok bool) {
	pairs, ok := stringPairs(gob)
	if !ok {
		return nil, false
	}
	return maps.Collect(Values{pairs: pairs}.All()), true
}

// Values that are all strings are read in place, others are not.
func TestStringPairs(t *testing.T) {
	many := map[string]any{}
	for n := range 300 {
		many[fmt.Sprint("name ", n)] = strings.Repeat("é", n)
	}
	for name, tc := range map[string]struct {
		data map[string]any
		want bool
	}{
		"none": {map[string]any{}, true}, "one": {map[string]any{"name": "Sonam"}, true}, "many": {many, true},
		"empty": {map[string]any{"": ""}, true}, "number": {map[string]any{"a": "b", "n": 1}, false},
		"bytes": {map[string]any{"a": []byte("b")}, false}, "type": {map[string]any{"a": time.UTC.String(), "d": []string{"x"}}, false},
	} {
		got, ok := pairsOf(string(encoded(t, tc.data)))
		if ok != tc.want || ok && !maps.Equal(got, tc.data) {
			t.Errorf("%s: %v, %v; want %v", name, got, ok, tc.want)
		}
		for text, want := range got {
			v, _ := valuesOf(string(encoded(t, tc.data)))
			if v.Get(text) != want || v.String(text) != want || v.Len() != len(tc.data) {
				t.Errorf("%s: Get(%q) = %v; want %v", name, text, v.Get(text), want)
			}
		}
	}
}

// A gob of another map, with something behind it, or cut is left to package gob.
func TestStringPairs_OtherGobs(t *testing.T) {
	whole := string(encoded(t, map[string]any{"name": "Sonam"}))
	others := map[string]string{"twice": whole + whole, "more": whole + "\x00", "empty": "", "newer": "\x92" + whole}
	for n := range len(whole) {
		others[fmt.Sprint("cut to ", n)] = whole[:n]
	}
	none := string(encoded(t, map[string]any{}))
	others["number out of range"] = none[:len(none)-2] + "\xef\x00"
	others["another map"] = strings.Replace(whole, mapTypeEnd, "\x00\x01\x0c\x01\x0c\x00\x00", 1)
	for name, gob := range others {
		if got, ok := pairsOf(gob); ok {
			t.Errorf("%s: %v; want that it is refused", name, got)
		}
	}
}

// FuzzStringPairs compares with package gob: what is read in place is what gob decodes.
func FuzzStringPairs(f *testing.F) {
	for _, data := range []map[string]any{{}, {"name": "Sonam"}, {"a": "b", "": "", "long": strings.Repeat("x", 300)}, {"n": 1}} {
		f.Add(encoded(f, data))
	}
	twice := encoded(f, map[string]any{"name": "Sonam", "nama": "Pema."})
	f.Add([]byte(strings.Replace(string(twice), "nama", "name", 1)))
	f.Fuzz(func(t *testing.T, gob []byte) {
		got, ok := pairsOf(string(gob))
		if !ok {
			return
		}
		l, err := decode(string(gob))
		if want := maps.Collect(Values{list: l}.All()); err != nil || !maps.Equal(got, want) {
			t.Fatalf("%x: %v; gob decodes %v, %v", gob, got, want, err)
		}
		v, _ := valuesOf(string(gob))
		for name, want := range got {
			if v.Get(name) != want {
				t.Fatalf("%x: Get(%q) = %q; want %q", gob, name, v.Get(name), want)
			}
		}
	})
}

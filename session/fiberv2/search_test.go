package fiberv2_test

import (
	"encoding/gob"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"pagesession/session"
)

func TestSearch(t *testing.T) {
	k := newKit(t)
	c := k.requestFrom("203.0.113.7", "Mozilla/5.0 (Kiosk)")
	if _, err := k.Start(c, named("Sönam Jakob")); err != nil {
		t.Fatal(err)
	}
	value := string(k.stored(c))
	for text, want := range map[string]bool{
		"sönam": true, "SÖNAM j": true, "jaKob": true, "JA\u212aOB": true, "203.0.113": true, "mozilla/5.0 (k": true, "\u212aiosk": true,
		"string": false, "name": false, "map": false, "sonam": true, "so\u0308nam": true, "s\u0308": true, "\u0308": false, "sonäm": true, "sonom": false, "203.0.113.8": false, "4711": false,
		"Sönam Jakobs": false, "Jakob\x00": false, "\xff": false, "jakobMozilla": false, "7Mozilla": false,
	} {
		if got := session.Search(text)(string(value)); got != want {
			t.Errorf("Search(%q) = %v; want %v", text, got, want)
		}
	}
}

// People type other accents and apostrophes than those in a name.
func TestSearch_AccentsAndApostrophes(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       bool
	}{
		{"José O’Neill", "jose o'neill", true},
		{"Jose O'Neill", "josé o’neill", true},
		{"Jose\u0301 O`Neill", "JOSÉ OʼNEILL", true},
		{"O´Neill", "o‘neill", true},
		{"Łukasz Żółć", "lukasz zolc", true},
		{"Großmann", "grossmann", true},
		{"Grossmann", "großmann", true},
		{"Grosmann", "großmann", false},
		{"Æsir Øst", "aesir ost", true},
		{"Ｗｉｄｅ", "wide", true},
		{"Ångström", "angstrom", true},
		{"İstanbul", "istanbul", true},
		{"Diyarbakır", "diyarbakir", true},
		{"कुमार", "कुमार", true},
		{"किरण", "कुरण", false},
		{"Ἀθήνα", "αθηνα", true},
		{"한글", "한글", true},
		{"ONeill", "o'neill", false},
		{"O Neill", "o'neill", false},
		{"José", "\u0301", false},
	} {
		value := encoded(t, map[string]any{"name": test.name})
		if got := session.Search(test.text)(string(value)); got != test.want {
			t.Errorf("Search(%q) in %q = %v; want %v", test.text, test.name, got, test.want)
		}
	}
}

type plan struct{ Title string }

func TestSearch_WhatNeedsDecoding(t *testing.T) {
	gob.Register(plan{})
	gob.Register([]string{})
	gob.Register(time.Time{})
	value := encoded(t, map[string]any{"plan": plan{"hidden"}, "name": "Pema", "time": time.Unix(0, 0), "list": []string{"inlist"}})
	for text, want := range map[string]bool{"pema": true, "hidden": false, "inlist": false, "plan": false} {
		if got := session.Search(text)(string(value)); got != want {
			t.Errorf("Search(%q) = %v; want %v", text, got, want)
		}
	}
	if session.Search("") != nil {
		t.Error(`Search("") is a function; want nil, so that a Query also finds ended sessions`)
	}
	if session.Search("x")("xxxxx no gob") {
		t.Error("Search finds something in bytes that are no gob")
	}
}

// Search agrees with decoding and comparing, whatever the values are.
func TestSearch_AgreesWithDecoding(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		values := rapid.MapOf(rapid.String(), rapid.OneOf(
			rapid.String().AsAny(), rapid.Int().AsAny(), rapid.Bool().AsAny(), rapid.Float64().AsAny(), rapid.Uint64().AsAny(),
		)).Draw(rt, "values")
		text := rapid.StringOfN(rapid.RuneFrom([]rune("abAB1 ßſsKk\u212aeéÉ\u0301'’`øı")), 0, 2, -1).Draw(rt, "text")
		if rapid.Bool().Draw(rt, "there") {
			values["there"] = "x" + strings.ToUpper(text) + "éy"
		}
		want := text == ""
		for _, v := range values {
			s, _ := v.(string)
			want = want || foldContains(s, text)
		}
		match := session.Search(text)
		if got := match == nil || match(string(encoded(t, values))); got != want {
			rt.Fatalf("Search(%q) in %q = %v; want %v", text, values, got, want)
		}
	})
}

// foldContains does the same with the library's tables.
func foldContains(s, text string) bool {
	folded := func(s string) string {
		s, _, err := transform.String(transform.Chain(cases.Fold(), norm.NFKD, runes.Remove(runes.In(unicode.Inherited)), cases.Fold()), s)
		if err != nil {
			panic(err)
		}
		return strings.NewReplacer("’", "'", "`", "'", "ø", "o", "ı", "i").Replace(s)
	}
	return folded(text) != "" && strings.Contains(folded(s), folded(text))
}

func BenchmarkSearch(b *testing.B) {
	k := newKit(b)
	c := k.requestFrom("203.0.113.7", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36")
	if _, err := k.Start(c, named("Sonam Jakob")); err != nil {
		b.Fatal(err)
	}
	value := string(k.stored(c))
	for name, text := range map[string]string{"none": "pema", "name": "sonam", "accent": "sönäm", "gob": "string", "agent": "chrome"} {
		b.Run(name, func(b *testing.B) {
			match := session.Search(text)
			b.ReportAllocs()
			for b.Loop() {
				match(value)
			}
		})
	}
}

// An address finds the sessions of which a network is kept that contains it.
func TestSearch_AddressInANetwork(t *testing.T) {
	const kept = "203.0.113.0/24"
	value := append([]byte{0x91, byte(len(kept))}, kept...)
	value = append(append(value, 0), encoded(t, map[string]any{"name": "Pema"})...)
	for text, want := range map[string]bool{
		"203.0.113.7": true, "::ffff:203.0.113.7": true, "203.0.113": true, kept: true, "pema": true,
		"203.0.114.7": false, "2001:db8::1": false, "203.0.113.": true, "113.7": false,
	} {
		if got := session.Search(text)(string(value)); got != want {
			t.Errorf("Search(%q) = %v; want %v", text, got, want)
		}
	}
}

package fiberv2_test

import (
	"encoding/gob"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pagesession/session"
)

func TestSearch(t *testing.T) {
	k := newKit(t)
	c := k.requestFrom("203.0.113.7", "Mozilla/5.0 (Kiosk)")
	if _, err := k.Start(c, named("Sönam Jakob")); err != nil {
		t.Fatal(err)
	}
	value := k.stored(c)
	for text, want := range map[string]bool{
		"sönam": true, "SÖNAM j": true, "jaKob": true, "JA\u212aOB": true, "203.0.113": true, "mozilla/5.0 (k": true, "\u212aiosk": true,
		"string": false, "name": false, "map": false, "sonam": false, "203.0.113.8": false, "4711": false,
		"Sönam Jakobs": false, "Jakob\x00": false, "\xff": false, "jakobMozilla": false, "7Mozilla": false,
	} {
		if got := session.Search(text)(value); got != want {
			t.Errorf("Search(%q) = %v; want %v", text, got, want)
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
		if got := session.Search(text)(value); got != want {
			t.Errorf("Search(%q) = %v; want %v", text, got, want)
		}
	}
	if session.Search("") != nil {
		t.Error(`Search("") is a function; want nil, so that a Query also finds ended sessions`)
	}
	if session.Search("x")([]byte("xxxxx no gob")) {
		t.Error("Search finds something in bytes that are no gob")
	}
}

// Search agrees with decoding and comparing, whatever the values are.
func TestSearch_AgreesWithDecoding(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		values := rapid.MapOf(rapid.String(), rapid.OneOf(
			rapid.String().AsAny(), rapid.Int().AsAny(), rapid.Bool().AsAny(), rapid.Float64().AsAny(), rapid.Uint64().AsAny(),
		)).Draw(rt, "values")
		text := rapid.StringOfN(rapid.RuneFrom([]rune("abAB1 ßſsKk\u212a")), 0, 2, -1).Draw(rt, "text")
		if rapid.Bool().Draw(rt, "there") {
			values["there"] = "x" + strings.ToUpper(text) + "y"
		}
		want := text == ""
		for _, v := range values {
			s, _ := v.(string)
			want = want || foldContains(s, text)
		}
		match := session.Search(text)
		if got := match == nil || match(encoded(t, values)); got != want {
			rt.Fatalf("Search(%q) in %q = %v; want %v", text, values, got, want)
		}
	})
}

// foldContains does the same in the simplest way: it compares every part with the
// right number of letters.
func foldContains(s, text string) bool {
	letters, want := []rune(s), []rune(text)
	for i := 0; i+len(want) <= len(letters); i++ {
		if strings.EqualFold(string(letters[i:i+len(want)]), text) {
			return len(want) > 0
		}
	}
	return false
}

func BenchmarkSearch(b *testing.B) {
	k := newKit(b)
	c := k.requestFrom("203.0.113.7", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36")
	if _, err := k.Start(c, named("Sonam Jakob")); err != nil {
		b.Fatal(err)
	}
	value := k.stored(c)
	for name, text := range map[string]string{"none": "pema", "name": "sonam", "gob": "string", "agent": "chrome"} {
		b.Run(name, func(b *testing.B) {
			match := session.Search(text)
			b.ReportAllocs()
			for b.Loop() {
				match(value)
			}
		})
	}
}

package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestPeerPage_Rendered(t *testing.T) {
	url := serve(t, pagePeer())
	_, body, err := askOnce(load{url: url + "/get/", expect: expectation{marker: liveMarker}}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<!DOCTYPE html>", liveMarker, "<bdi>" + visitorName + "</bdi>", "20 seconds", "</html>"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q:\n%s", want, body)
		}
	}
}

// The peers send what the product sends, but for the values in it.
func TestPeerPage_IsOurs(t *testing.T) {
	golden, err := os.ReadFile("../internal/web/testdata/get.golden")
	if err != nil {
		t.Fatal(err)
	}
	_, ours, _ := strings.Cut(string(golden), "<!DOCTYPE html>")
	page, err := renderOnce()
	if err != nil {
		t.Fatal(err)
	}
	_, peers, _ := strings.Cut(string(page), "<!DOCTYPE html>")
	if got, want := withoutValues(peers), withoutValues(ours); got != want {
		t.Errorf("the peers' page is %s\nwant %s", got, want)
	}
}

// withoutValues leaves out what differs by name, time and the files' hashes.
func withoutValues(page string) string {
	values := regexp.MustCompile(`(?s)-[0-9a-f]{12}\.|"-?\d+"|"true"|"false"|\d+( seconds?)|<bdi>.*?</bdi>|<time.*?</time>|<b data-left>\d+</b>|dasharray="\d+ |content="\d+; `)
	return strings.TrimSpace(values.ReplaceAllString(page, "…"))
}

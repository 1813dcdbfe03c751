package main

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"pagesession/views"
)

// The peers' page is the product's, byte for byte, once both are in one piece.
// Where this fails the product's page was changed; bring peers/page.html and
// peerPage along, or every ratio to a peer is off.
func TestPeerPage_IsOurs(t *testing.T) {
	data, err := peerTemplates.ReadFile("peers/page.html")
	if err != nil {
		t.Fatal(err)
	}
	peers, product := flattenPeers(t, string(data)), flatten(t, "get.html")
	if peers == product {
		return
	}
	at := 0
	for at < min(len(peers), len(product)) && peers[at] == product[at] {
		at++
	}
	t.Errorf("the pages differ at byte %d:\nthe peers': %.200s\nours:       %.200s", at, peers[at:], product[at:])
}

var (
	includes = regexp.MustCompile(`{{template "(?:partials/)?(\w+)"[^}]*}}`)
	comment  = regexp.MustCompile(`(?s)^{{/\*.*?\*/ -}}\s*`)
	define   = regexp.MustCompile(`(?s){{define "(\w+)"}}(.*?){{end -}}\s*`)
	block    = regexp.MustCompile(`{{(define|with|if|end)`)
)

// flatten is a template of the product with its partials put in.
func flatten(t *testing.T, name string) string {
	t.Helper()
	data, err := fs.ReadFile(views.Templates, name)
	if err != nil {
		t.Fatal(err)
	}
	return includes.ReplaceAllStringFunc(string(data), func(call string) string {
		return flatten(t, "partials/"+includes.FindStringSubmatch(call)[1]+".html")
	})
}

// flattenPeers puts the page's own parts in their places. None of them has a
// block of its own inside, which would end the part too early here.
func flattenPeers(t *testing.T, page string) string {
	t.Helper()
	parts := map[string]string{}
	for _, part := range define.FindAllStringSubmatch(page, -1) {
		if block.MatchString(part[2]) {
			t.Fatalf("part %q has a block inside: flattenPeers cannot read that", part[1])
		}
		parts[part[1]] = part[2]
	}
	page = define.ReplaceAllString(comment.ReplaceAllString(page, ""), "")
	return includes.ReplaceAllStringFunc(page, func(call string) string {
		return parts[includes.FindStringSubmatch(call)[1]]
	})
}

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

package main

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"pagesession/internal/text"
	"pagesession/views"
)

// The peers' page costs what ours does: as many values, and about its size.
// Where this fails the product's page was changed; bring peers/page.html and
// peerPage along, or every ratio to a peer is off.
func TestPeerPage_IsLikeOurs(t *testing.T) {
	data, err := peerTemplates.ReadFile("peers/page.html")
	if err != nil {
		t.Fatal(err)
	}
	peers, product := string(data), inEnglish(t, flatten(t, "get.html"))
	action := regexp.MustCompile(`{{\.\w+}}`)
	if got, want := len(action.FindAllString(peers, -1)), len(action.FindAllString(product, -1)); got != want {
		t.Errorf("the peers' page shows %d values; ours %d", got, want)
	}
	if got, want := float64(len(peers)), float64(len(product)); got < want*0.8 || got > want*1.25 {
		t.Errorf("the peers' template has %.0f bytes; ours %.0f with what it includes", got, want)
	}
}

var includes = regexp.MustCompile(`{{template "(partials/\w+)"[^}]*}}`)

// flatten is a template of the product with its partials put in.
func flatten(t *testing.T, name string) string {
	t.Helper()
	data, err := fs.ReadFile(views.Templates, name)
	if err != nil {
		t.Fatal(err)
	}
	return includes.ReplaceAllStringFunc(string(data), func(call string) string {
		return flatten(t, includes.FindStringSubmatch(call)[1]+".html")
	})
}

var texts = regexp.MustCompile(`{{(?:t|forms) "([\w.]+)"[^}]*}}`)

// inEnglish is a template with its texts put in, as the peers' has them.
func inEnglish(t *testing.T, source string) string {
	t.Helper()
	english, err := text.Load(text.English)
	if err != nil {
		t.Fatal(err)
	}
	return texts.ReplaceAllStringFunc(source, func(call string) string {
		key := texts.FindStringSubmatch(call)[1]
		if !strings.HasPrefix(call, "{{forms") {
			return english.T(key)
		}
		forms, err := english.Forms(key)
		if err != nil {
			t.Fatal(err)
		}
		attributes := ""
		for _, form := range forms {
			attributes += " data-" + form.Name + `="` + form.Text + `"`
		}
		return attributes
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

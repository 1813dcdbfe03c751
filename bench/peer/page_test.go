package peer

import (
	"strings"
	"testing"

	"pagesession/bench/load"
)

// The peers send the product's page with values of their own.
func TestPagePeer_SendsTheProductsPage(t *testing.T) {
	p := workshop(t).Page
	app, err := pagePeer(p)
	_, body, err := load.Once(load.Load{URL: served(t, app, err) + "/get/", Expect: load.Expectation{Marker: load.LiveMarker}}, "")
	if err != nil {
		t.Fatal(err)
	}
	got := split(body)
	if strings.Join(got.Parts, "…") != strings.Join(p.Get.Parts, "…") || len(got.Parts) < 20 {
		t.Errorf("the peers' page is %q\nwant %q", got.Parts, p.Get.Parts)
	}
	for field, value := range p.Get.Values {
		if changes := field == "AbsoluteMS" || strings.HasPrefix(field, "Ends"); !changes && got.Values[field] != value {
			t.Errorf("%s = %q; want %q", field, got.Values[field], value)
		}
	}
	if p.Get.Values["Name"] != load.VisitorName || p.Get.Values["RemainingMS"] != "20000" || p.Get.Values["Words3"] == "" {
		t.Errorf("values = %q; want those of the product's answer", p.Get.Values)
	}
}

// Two answers differ, as the product's do.
func TestValues_Differ(t *testing.T) {
	var v values
	a, b := v.at("A", seconds0(1)), v.at("A", seconds0(2))
	if a.AbsoluteMS == b.AbsoluteMS || a.EndsISO == b.EndsISO || a.Name != "A" || v.Name != "" {
		t.Errorf("values = %+v and %+v; want others at another time", a, b)
	}
}

func TestSplit(t *testing.T) {
	s := split(`<p remaining-ms="12"><b>3</b> <bdi>Sonam</bdi>`)
	if strings.Join(s.Fields, " ") != "RemainingMS Seconds Name" || s.Values["Seconds"] != "3" {
		t.Errorf("split = %+v; want the three values", s)
	}
	if got := s.source(); got != `<p remaining-ms="{{.RemainingMS}}"><b>{{.Seconds}}</b> <bdi>{{.Name}}</bdi>` {
		t.Errorf("source = %q", got)
	}
	if s := split("<p>no value"); len(s.Parts) != 1 || len(s.Fields) != 0 {
		t.Errorf("split = %+v; want the page as it is", s)
	}
}

// A page that lacks a value is an error when the bench starts: it would be cheaper to
// render.
func TestTakePage_ValueIsGone(t *testing.T) {
	app, err := newFiberApp(workshop(t).Page)
	if err != nil {
		t.Fatal(err)
	}
	app.Get("/:page/", plainPage)
	if _, err := TakePage(served(t, app, nil)); err == nil || !strings.Contains(err.Error(), "lacks the value After") {
		t.Errorf("TakePage error = %v; want that a value is missing", err)
	}
}

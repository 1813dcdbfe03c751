package rules

import (
	"regexp"
	"strings"
	"testing"
)

var (
	// addressed are the attributes that have addresses, up to where the address begins.
	addressed = regexp.MustCompile(`(?i)\b(?:href|action|formaction|src|srcset|poster|data-base|data-stream|data-sessions|ended-href)="(?:\{\{if [^}]*\}\})?([^"]{0,7})`)
	// translated are actions that put the base path in front of their address, and
	// fields of forms, whose addresses are for the server and need none.
	translated = regexp.MustCompile(`\{\{url [^}]*\}\}|\(link "[^)]*\)|value="/[^"]*"`)
	// plain begins an address that has no base path.
	plain = regexp.MustCompile(`(?:="|url=|else\}\}|end\}\}|\{if [^}]*\}\}|>)/[a-z"?{]`)
)

// rawAddress returns an address that a template writes without {{url}}, or "".
func rawAddress(source string) string {
	for _, found := range addressed.FindAllStringSubmatch(source, -1) {
		if begins := found[1]; !strings.HasPrefix(begins, `{{url `) && begins != "otpauth" && (begins == "" || begins[0] != '#') {
			return found[0]
		}
	}
	return plain.FindString(translated.ReplaceAllString(source, ""))
}

// TestTemplates_WriteAddressesWithURL holds the pages together below any base path.
func TestTemplates_WriteAddressesWithURL(t *testing.T) {
	for _, file := range files(t, ".html") {
		if found := rawAddress(read(t, file)); found != "" {
			t.Errorf("%s has %q; write addresses as {{url \"/get/\"}} or {{url .URL}}", file, found)
		}
	}
}

// quotedAddress is a string of a script that begins as an address of this server does.
var quotedAddress = regexp.MustCompile("['\"`]/[a-z'\"`?]")

// TestScripts_TakeTheBasePath: a script's addresses come from the page, or begin with the
// site's, which it makes of its own address.
func TestScripts_TakeTheBasePath(t *testing.T) {
	for _, file := range files(t, ".js", ".css") {
		if !strings.HasPrefix(file, "views/") || strings.Contains(file, "uplot") {
			continue
		}
		if found := quotedAddress.FindString(read(t, file)); found != "" {
			t.Errorf("%s has an address that begins with %s; put the base path in front", file, found)
		}
	}
}

func TestRawAddress(t *testing.T) {
	for source, raw := range map[string]bool{
		`<a href="{{url "/get/"}}{{if .Live}}?was=live{{end}}">`:                      false,
		`<a href="{{url .URL}}delete/">`:                                              false,
		`<a href="otpauth://{{.App}}">`:                                               false,
		`<a href="#main">`:                                                            false,
		`<a href="{{if .Posted}}{{url "/admin/"}}{{end}}">`:                           false,
		`<input name="back" value="/">`:                                               false,
		`<form action="{{if .ID}}{{url "/a/"}}{{.ID}}/{{else}}{{url "/b/"}}{{end}}">`: false,
		`<p>{{t "name.unchanged" (link "/" "button.home")}}</p>`:                      false,
		`<a href="/get/">`:                                                            true,
		`<a href="{{.URL}}">`:                                                         true,
		`<a href="{{if .Posted}}/admin/{{end}}">`:                                     true,
		`<a href="{{if .Posted}}{{url "/a/"}}{{else}}/admin/{{end}}">`:                true,
		`<form action="{{.Action}}">`:                                                 true,
		`<section data-stream="/admin/stream/">`:                                      true,
		`<section data-other="/admin/">`:                                              true,
		`<meta http-equiv="refresh" content="{{.After}}; url=/?was=x">`:               true,
		`opens <a href="{{url "/set/"}}">/set/</a>`:                                   true,
	} {
		if found := rawAddress(source); (found != "") != raw {
			t.Errorf("rawAddress(%s) = %q; want one: %v", source, found, raw)
		}
	}
}

package e2e

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"strings"
	"testing"
)

// axeSource is axe-core 4.14.1 from npm, which finds barriers for people with
// disabilities (MPL-2.0, testdata/axe/LICENSE). Only these tests use it. The
// debugger puts it into pages, past their content security policy.
//
//go:embed testdata/axe/axe.min.js
var axeSource string

const (
	axeVersion = "4.14.1"
	axeSHA256  = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
)

// The file is the published one: sha256sum of axe.min.js in the npm package
// axe-core, version 4.14.1.
func TestAxe_IsTheOneNoted(t *testing.T) {
	sum := sha256.Sum256([]byte(axeSource))
	if got := hex.EncodeToString(sum[:]); got != axeSHA256 || !strings.HasPrefix(axeSource, "/*! axe v"+axeVersion) {
		t.Errorf("testdata/axe/axe.min.js has %s; want %s, of version %s", got, axeSHA256, axeVersion)
	}
}

// axe fails the test for every rule of WCAG 2.2 A and AA, and every best practice,
// that the page breaks.
func (b *tab) axe(what string) {
	b.t.Helper()
	if there := eval[bool](b, `Boolean(self.axe)`); !there {
		eval[bool](b, axeSource+"; true")
	}
	found := eval[[]string](b, `axe.run(document, {resultTypes: ['violations']}).then((r) =>
  r.violations.map((v) => v.id + ': ' + v.help + ': ' + v.nodes.map((n) => n.html + ' ' + n.failureSummary).join('; ')))`)
	for _, violation := range found {
		b.t.Errorf("axe on %s: %s", what, violation)
	}
}

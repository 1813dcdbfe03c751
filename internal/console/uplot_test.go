package console_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"pagesession/internal/assets"
)

// The charts are the published ones: dist/uPlot.iife.min.js and
// dist/uPlot.min.css of the npm package uplot, version 1.6.32 (MIT, its licence
// is beside them).
func TestUPlot_IsTheOneNoted(t *testing.T) {
	files, err := assets.Load()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"uplot-1.6.32.min.js":  "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
		"uplot-1.6.32.min.css": "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
	} {
		sum := sha256.Sum256(files["/static/"+name].Body())
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("%s has %s; want %s", name, got, want)
		}
	}
	if files["/static/uplot-LICENSE.txt"] == nil {
		t.Error("uPlot's licence is not there")
	}
}

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A fakeFinding has those complaints.
type fakeFinding struct{ Bad []string }

func (fakeFinding) print(out io.Writer)    { _, _ = io.WriteString(out, "the report\n") }
func (f fakeFinding) complaints() []string { return f.Bad }
func (fakeFinding) charts(dir string) error {
	return os.WriteFile(filepath.Join(dir, "fake.svg"), nil, 0o644)
}

func TestConclude(t *testing.T) {
	for name, test := range map[string]struct {
		bad  []string
		want error
		text string
	}{
		"good": {nil, nil, "GOOD"},
		"bad":  {[]string{"one", "two"}, errBad, "BAD: one\nBAD: two\n"},
	} {
		var out bytes.Buffer
		dir := filepath.Join(t.TempDir(), "new")
		err := conclude(&out, dir, "fake", fakeFinding{test.bad})
		if !errors.Is(err, test.want) || !strings.Contains(out.String(), "the report\n") || !strings.Contains(out.String(), test.text) {
			t.Errorf("%s: conclude = %v, %q; want %v and %q", name, err, out.String(), test.want, test.text)
		}
		for _, file := range []string{"fake.json", "fake.svg"} {
			if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
				t.Errorf("%s: %v; want the file", name, err)
			}
		}
	}
	if code := exitCode(errBad); code != exitBad {
		t.Errorf("exitCode(errBad) = %d; want %d", code, exitBad)
	}
}

func TestConclude_KeepsNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := conclude(io.Discard, "", "fake", fakeFinding{}); err != nil {
		t.Errorf("conclude = %v; want nil", err)
	}
	checkEmpty(t, ".")
}

// Every subcommand refuses what it cannot do, before it does anything.
func TestSubcommands_RefuseBadFlags(t *testing.T) {
	for _, line := range []string{
		"scale -sizes 0", "scale -sizes 10,x", "scale -sizes 20000000", "scale -rounds 0", "scale -duration 0s", "scale -client curl", "scale more",
		"flood -cap 1", "flood -idle 10ms", "flood -quiet 20s", "flood -every 11s", "flood -connections 0", "flood -hold -1s", "flood more",
		"mixed -duration 0s", "mixed -every 10m", "mixed -sessions 63", "mixed -connections 0", "mixed -unknown",
		"growth -duration 0s", "growth -every 0s", "growth -rate 0", "growth -sessions 0", "growth -idle 1s", "growth -sessions 200000", "growth -connections 5000",
		"console -sessions 0", "console -visited 2000000", "console -window 1ms", "console -dashboards 5", "console -rounds 0", "console -connections 0",
	} {
		args := strings.Fields(line)
		err := subcommands()[args[0]](t.Context(), args[1:])
		if !errors.Is(err, errUsage) || exitCode(err) != exitUsage {
			t.Errorf("%s: %v; want that it is refused", line, err)
		}
	}
}

func TestParseScaleOptions_Sizes(t *testing.T) {
	opt, err := parseScaleOptions(strings.Fields("-sizes 500,20,500,3"))
	if err != nil || len(opt.sizes) != 3 || opt.smallest() != 3 || opt.largest() != 500 {
		t.Errorf("sizes = %v, %v; want 3, 20, 500", opt.sizes, err)
	}
	opt, err = parseScaleOptions(nil)
	if err != nil || opt.smallest() != 1_000 || opt.largest() != 1_000_000 {
		t.Errorf("sizes = %v, %v; want 1,000 to 1,000,000", opt.sizes, err)
	}
}

// checkDrawn wants those charts, and each to be one.
func checkDrawn(t *testing.T, f finding, names ...string) {
	t.Helper()
	dir := t.TempDir()
	if err := f.charts(dir); err != nil {
		t.Error(err)
	}
	for _, name := range names {
		if data, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.HasPrefix(data, []byte("<svg")) {
			t.Errorf("%s = %.20q, %v; want an SVG", name, data, err)
		}
	}
}

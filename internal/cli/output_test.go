package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// hostile is a name with each kind of control character that terminals obey.
const hostile = "a\x1b[2J\x1b]0;x\x07\r\n\tb\u009b31m\u202ec\u200b\U000e0041d\x7f\xff"

func TestHarmless(t *testing.T) {
	want := `a\u001b[2J\u001b]0;x\u0007\u000d\u000a\u0009b\u009b31m\u202ec\u200b\ue0041d\u007f` + "\ufffd"
	if got := harmless(hostile); got != want {
		t.Errorf("harmless(%q) = %q; want %q", hostile, got, want)
	}
	for _, plain := range []string{"", "Ada", "Zoë Ünal", "आदा", "a b"} {
		if got := harmless(plain); got != plain {
			t.Errorf("harmless(%q) = %q; want it as it is", plain, got)
		}
	}
}

// JSON escapes them, too, and still has the same text.
func TestWriteJSON_Harmless(t *testing.T) {
	var out bytes.Buffer
	if err := writeJSON(&out, hostile); err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexFunc(strings.TrimSuffix(out.String(), "\n"), func(r rune) bool { return harmless(string(r)) != string(r) }); i >= 0 {
		t.Errorf("writeJSON(%q) = %q; want nothing that a terminal obeys", hostile, out.String())
	}
	var back string
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back != strings.ToValidUTF8(hostile, "\ufffd") {
		t.Errorf("it reads back as %q, %v; want %q", back, err, hostile)
	}
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	table(&out, [][]string{{"NAME", "AGENT"}, {"Zoë\t\x1b", "x"}, {"y", "-"}})
	want := "NAME             AGENT\nZoë\\u0009\\u001b  x\ny                -\n"
	if out.String() != want {
		t.Errorf("table = %q; want %q", out.String(), want)
	}
}

func TestSpan(t *testing.T) {
	for ms, want := range map[int64]string{
		0: "0 s", 999: "0 s", 1000: "1 s", 59_999: "59 s", 60_000: "1 min", 61_000: "1 min 1 s",
		3_600_000: "1 h", 3_660_000: "1 h 1 min", 86_399_999: "23 h 59 min", 86_400_000: "1 d", 90_000_000: "1 d 1 h",
	} {
		if got := span(ms); got != want {
			t.Errorf("span(%d) = %q; want %q", ms, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for in, want := range map[string]string{"": "", "Zoë": "Zoë", "Zoëy": "Zo…"} {
		if got := cut(in, 3); got != want {
			t.Errorf("cut(%q, 3) = %q; want %q", in, got, want)
		}
	}
}

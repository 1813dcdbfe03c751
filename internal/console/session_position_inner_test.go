package console

import (
	"strings"
	"testing"

	"pagesession/storage/record"
)

func TestPlace(t *testing.T) {
	at := record.Position{Created: 1764433361000, Handle: record.KeyOf("id").Handle()}
	for _, p := range []place{
		{from: at}, {rows: 50, looked: 50, from: at}, {true, 3, 5000, at},
		{true, maxCount, maxCount, record.Position{Created: 1<<63 - 1, Handle: record.Handle([]byte(strings.Repeat("\xff", 16)))}},
	} {
		if got := parsePlace(p.String()); got != p || len(p.String()) > maxPlace {
			t.Errorf("parsePlace(%q) = %+v; want %+v", p, got, p)
		}
	}
	if got := (place{}).String(); got != "" {
		t.Errorf("the first page is %q; want nothing", got)
	}
	from := at.String()
	for _, wrong := range []string{
		"", "2", "-1", "s", "s...", "s.1.1", "s.1.1.", "s.0.0." + from + ".", "x.1.1." + from, ".1.1." + from, "s.2.1." + from, "s.-1.1." + from, "s.+1.1." + from,
		"s.1.1099511627777." + from, "s.1.18446744073709551616." + from, "s.1.1.1764433361000", "s.1.1.-1-" + at.Handle.String(), "s.1.1." + from + "00",
		"s.1.1." + strings.Repeat("0", 90) + from,
	} {
		if got := parsePlace(wrong); got != (place{}) {
			t.Errorf("parsePlace(%q) = %+v; want the first page", wrong, got)
		}
	}
}

func FuzzParsePlace(f *testing.F) {
	f.Add("s.50.50.1764433361000-" + strings.Repeat("a", 32))
	f.Add("k.0.5000.0-" + strings.Repeat("0", 32))
	f.Fuzz(func(t *testing.T, value string) {
		p := parsePlace(value)
		if again := parsePlace(p.String()); again != p {
			t.Errorf("parsePlace(%q) = %+v, and again %+v", value, p, again)
		}
	})
}

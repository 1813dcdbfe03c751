package record_test

import (
	"slices"
	"strings"
	"testing"

	"pagesession/storage/record"
)

func TestHandle(t *testing.T) {
	k := record.KeyOf("id")
	h := k.Handle()
	for _, text := range []string{h.String(), strings.ToUpper(h.String())} {
		if got, err := record.ParseHandle(text); err != nil || got != h {
			t.Errorf("ParseHandle(%q) = %v, %v; want %v", text, got, err, h)
		}
	}
	if !strings.HasPrefix(h.String(), k.Fingerprint()) || h.Fingerprint() != k.Fingerprint() {
		t.Errorf("Fingerprint = %q, of the key %q; want the first digits of %q", h.Fingerprint(), k.Fingerprint(), h)
	}
	for _, bad := range []string{"", "12", h.String() + "0", strings.Repeat("x", 32)} {
		if _, err := record.ParseHandle(bad); err == nil {
			t.Errorf("ParseHandle(%q) = nil; want an error", bad)
		}
	}
}

// The numbers are in session files, the words in JSON.
func TestReason_NumbersAndWords(t *testing.T) {
	words := []string{"", "idle", "absolute", "deleted", "revoked", "replaced", ""}
	reasons := []record.Reason{record.NoReason, record.Idle, record.Absolute, record.Deleted, record.Revoked, record.Replaced}
	for number, word := range words {
		if got := record.Reason(number).String(); got != word {
			t.Errorf("reason %d = %q; want %q", number, got, word)
		}
	}
	for number, r := range reasons {
		if int(r) != number {
			t.Errorf("reason %v = %d; want %d", r, r, number)
		}
	}
	if record.Reasons != len(reasons) {
		t.Errorf("Reasons = %d; want %d", record.Reasons, len(reasons))
	}
}

func TestState_Words(t *testing.T) {
	for state, want := range map[record.State]string{record.None: "none", record.Live: "live", record.Ended: "ended"} {
		if got := state.String(); got != want {
			t.Errorf("state %d = %q; want %q", state, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	if got, want := record.OrderNames(), strings.Fields("created used remaining absolute refreshes ended handle"); !slices.Equal(got, want) {
		t.Errorf("OrderNames() = %q; want %q", got, want)
	}
	if got, want := record.StatesNames(), strings.Fields("live ended all"); !slices.Equal(got, want) {
		t.Errorf("StatesNames() = %q; want %q", got, want)
	}
	if o, ok := record.ParseOrder("colour"); ok || o != record.ByCreated {
		t.Errorf(`ParseOrder("colour") = %v, %v; want the zero order, false`, o, ok)
	}
	if s, ok := record.ParseStates(""); ok || s != record.LiveOnly {
		t.Errorf(`ParseStates("") = %v, %v; want the zero states, false`, s, ok)
	}
}

func TestPosition(t *testing.T) {
	for _, p := range []record.Position{{}, {Created: 1764431601123, Handle: record.KeyOf("id").Handle()}, {Handle: record.KeyOf("id").Handle()}} {
		if got, err := record.ParsePosition(p.String()); err != nil || got != p {
			t.Errorf("ParsePosition(%q) = %v, %v; want %v", p, got, err, p)
		}
	}
	handle := record.KeyOf("id").Handle().String()
	for _, bad := range []string{"1", "-", "1-", "-" + handle, "x-" + handle, "-1-" + handle, "1-" + handle[1:], "99999999999999999999-" + handle} {
		if p, err := record.ParsePosition(bad); err == nil || p != (record.Position{}) {
			t.Errorf("ParsePosition(%q) = %v, %v; want an error", bad, p, err)
		}
	}
}

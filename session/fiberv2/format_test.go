package fiberv2_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pagesession/session"
	"pagesession/storage/record"
)

// The values in testdata were stored by the version that first wrote this format;
// see "File formats" in docs/ARCHITECTURE.md.
func TestFormat_GoldenValues(t *testing.T) {
	for name, want := range map[string]struct {
		client session.ClientInfo
		values map[string]any
	}{
		"client":    {session.ClientInfo{Address: "203.0.113.7", Agent: "Browser/1.0 (X11; Linux x86_64)"}, map[string]any{"name": "Sonam"}},
		"no-client": {session.ClientInfo{}, map[string]any{"name": "Sonam"}},
		"no-values": {session.ClientInfo{Address: "203.0.113.7", Agent: "Browser/1.0"}, map[string]any{}},
		"types": {
			session.ClientInfo{Address: "2001:db8::1", Agent: strings.Repeat("long ", 40)},
			map[string]any{"name": "Ünal " + strings.Repeat("x", 300), "count": 7, "good": true, "list": []string{"a", "b"}},
		},
	} {
		value, err := os.ReadFile(filepath.Join("testdata", "value-"+name+".bin"))
		if err != nil {
			t.Fatal(err)
		}
		if got := session.ClientInfoOf(string(value)); got != want.client {
			t.Errorf("%s: ClientInfoOf() = %+v; want %+v", name, got, want.client)
		}
		k := newKit(t)
		v := k.Refresh(k.request(k.seed(value, time.Minute, 0)))
		got := map[string]any{}
		for name, datum := range v.Values.All() {
			got[name] = datum
		}
		if !v.Live() || !reflect.DeepEqual(got, want.values) {
			t.Errorf("%s: Refresh() = %v with %v; want live with %v", name, v.State, got, want.values)
		}
	}
}

// A value of a newer format counts as none and stays as it is.
func TestFormat_NewerValueIsRefusedUntouched(t *testing.T) {
	value, err := os.ReadFile(filepath.Join("testdata", "value-client.bin"))
	if err != nil {
		t.Fatal(err)
	}
	value[0]++
	_, err = session.Describe(string(value))
	if err == nil || !strings.Contains(err.Error(), "0x92") || !strings.Contains(err.Error(), "use the version that wrote it, or a newer one") {
		t.Errorf("Describe() of a newer format = %v; want its first byte and what to do", err)
	}
	k := newKit(t)
	id := k.seed(value, time.Minute, 0)
	if v := k.Refresh(k.request(id)); v.State != record.None {
		t.Errorf("Refresh() = %v; want none", v.State)
	}
	if got := k.record(id).Value; got != string(value) {
		t.Errorf("the store has %x; want %x", got, value)
	}
}

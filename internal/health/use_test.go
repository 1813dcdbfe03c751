package health

import "testing"

func TestUse(t *testing.T) {
	for want, u := range map[string]Use{
		"connections: 120 of 10000 (1 %)":         {Of: "connections", Used: 120, Most: 10_000},
		"sessions: 12":                            {Of: "sessions", Used: 12},
		"memory: 52.5 MiB of 512.0 MiB (10 %)":    {Of: "memory", Used: 105 << 19, Most: 512 << 20, Bytes: true},
		"disk space: 30.0 GiB of 40.0 GiB (75 %)": {Of: "disk space", Used: 30 << 30, Most: 40 << 30, Bytes: true},
		"disk space: unknown":                     {Of: "disk space", Used: -1, Bytes: true},
		"open files: unknown, at most 1024":       {Of: "open files", Used: -1, Most: 1024},
		"streams: 0 of 1 (0 %)":                   {Of: "streams", Most: 1},
		"session file: 0.0 MiB of 16.0 GiB (0 %)": {Of: "session file", Most: 16 << 30, Bytes: true},
		"connections: 11000 of 10000 (110 %)":     {Of: "connections", Used: 11_000, Most: 10_000},
	} {
		if got := u.String(); got != want {
			t.Errorf("%+v.String() = %q; want %q", u, got, want)
		}
	}
}

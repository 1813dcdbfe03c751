package config_test

import (
	"reflect"
	"strings"
	"testing"

	"pagesession/internal/config"
)

func TestParseSessionServer(t *testing.T) {
	for text, want := range map[string]config.SessionServer{
		"":                       {},
		"redis://localhost":      {Addresses: []string{"localhost:6379"}},
		"redis://127.0.0.1:6380": {Addresses: []string{"127.0.0.1:6380"}},
		"redis://[::1]:6380/":    {Addresses: []string{"[::1]:6380"}},
		"redis://[::1]":          {Addresses: []string{"[::1]:6379"}},
		"rediss://me:s%40%2Fcret@redis.example:6380/2": {Addresses: []string{"redis.example:6380"}, TLS: true, Username: "me", Password: "s@/cret", Database: 2},
		"redis://:secret@host":                         {Addresses: []string{"host:6379"}, Password: "secret"},
		"redis+sentinel://a,b:1/main":                  {Addresses: []string{"a:26379", "b:1"}, MasterSet: "main"},
		"rediss+sentinel://a/main/3":                   {Addresses: []string{"a:26379"}, MasterSet: "main", Database: 3, TLS: true},
		"redis+cluster://a,b:7001,c":                   {Addresses: []string{"a:6379", "b:7001", "c:6379"}, Cluster: true},
		"rediss+cluster://me:x@a:1,b:2/0":              {Addresses: []string{"a:1", "b:2"}, Cluster: true, TLS: true, Username: "me", Password: "x"},
	} {
		got, err := config.ParseSessionServer(text)
		if err != nil || !reflect.DeepEqual(got, want) || got.IsFile() != (text == "") {
			t.Errorf("ParseSessionServer(%q) = %+v, %v; want %+v", text, got, err, want)
		}
		want.Password = ""
		if again, err := config.ParseSessionServer(got.String()); err != nil || !reflect.DeepEqual(again, want) {
			t.Errorf("%q of %q = %+v, %v; want the same without a password", got, text, again, err)
		}
	}
}

func TestParseSessionServer_Mistakes(t *testing.T) {
	for text, want := range map[string]string{
		"host:6379":                      "use redis://host:6379",
		"http://host":                    "use redis://host:6379",
		"redis://host?db=1":              "use redis://host:6379",
		"redis+mesh://host":              "unknown mode",
		"redis://":                       "use host:port",
		"redis://host:0":                 "use host:port",
		"redis://host:65536":             "use host:port",
		"redis://::1":                    "brackets around an IPv6 address",
		"redis://a,b":                    "use redis+sentinel or redis+cluster",
		"redis://host/x":                 "use a number",
		"redis://host/-1":                "use a number",
		"redis+sentinel://a":             "lacks the name",
		"redis+cluster://a/1":            "a Cluster has none",
		"redis+cluster://a,,b":           "use host:port",
		"redis://me:open%zz@host":        "percent-encoded",
		"mysql://me:open@host/db":        "use redis://host:6379",
		"redis+cluster://me:open@a:x,b":  "use host:port",
		"redis://me:open/@host":          "percent-encoded",
		"redis://me:a#open@host":         "percent-encoded",
		"redis+cluster://me:open?@a,b":   "percent-encoded",
		"redis+sentinel://me:open@/main": "use host:port",
	} {
		got, err := config.ParseSessionServer(text)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "open") && !strings.Contains(want, "open") {
			t.Errorf("ParseSessionServer(%q) = %v; want %q, without the password", text, err, want)
		}
		if !reflect.DeepEqual(got, config.SessionServer{}) {
			t.Errorf("ParseSessionServer(%q) = %+v with an error; want nothing", text, got)
		}
	}
}

func FuzzParseSessionServer(f *testing.F) {
	for _, text := range []string{"", "redis://host", "redis+sentinel://a,b/m/1", "rediss+cluster://u:p@a:1,b:2"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := config.ParseSessionServer(text)
		if err == nil && text != "" && len(got.Addresses) == 0 {
			t.Errorf("ParseSessionServer(%q) = %+v; want an address", text, got)
		}
		password := got.Password
		got.Password = ""
		if again, err := config.ParseSessionServer(got.String()); err == nil && !reflect.DeepEqual(again, got) {
			t.Errorf("%q without its password %q is %q, which is %+v; want %+v", text, password, got, again, got)
		}
	})
}

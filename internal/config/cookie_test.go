package config_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// The names of all other cookies are refused, also of those that are added later.
func TestCookieName_Taken(t *testing.T) {
	names := map[string]bool{"adminid": true, "ADMINID": true}
	for _, pattern := range []string{"../web/*.go", "../console/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			code, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`page\.Cookie\{\s*Name: +"([^"]+)"`).FindAllSubmatch(code, -1) {
				names[string(m[1])] = true
			}
		}
	}
	if len(names) < 6 {
		t.Errorf("found only %d names; has the code changed?", len(names))
	}
	for name := range names {
		assertBad(t, []string{"--cookie-name=" + name}, nil, "--cookie-name", "is the name of another cookie of this server; use for example sessionid")
	}
}

func TestCookieName_Good(t *testing.T) {
	for _, name := range []string{"sessionid", "s", "pages_session", "app.session-2", "_id", "admin"} {
		cfg, _, err := load(t, []string{"--cookie-name=" + name}, nil)
		if err != nil || cfg.CookieName != name {
			t.Errorf("--cookie-name=%s = %q, %v; want it as it is", name, cfg.CookieName, err)
		}
	}
}

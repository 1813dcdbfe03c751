package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// An export is a private file that never replaces one, and an erasure asks for the name.
func TestPrivacy(t *testing.T) {
	bothPlaces(t, 1, func(p *place) {
		p.superuser()
		t, file := p.t, filepath.Join(p.dir, "ada.json")
		p.wants(p.do("privacy", "export", "--user", "ada", "--output", file), "privacy export", 0, "", "")
		content, err := os.ReadFile(file)
		var data struct {
			Operators []struct{ Account struct{ Email string } }
		}
		if err != nil || json.Unmarshal(content, &data) != nil || len(data.Operators) != 1 || data.Operators[0].Account.Email != "ada@example.com" {
			t.Errorf("the file has %s, %v; want the operator", content, err)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
			t.Errorf("the file is %v, %v; want the mode 0600", info, err)
		}
		r := p.do("privacy", "export", "--user", "ada", "--output", file)
		if r.code != 1 || !strings.Contains(r.stderr, "already exists; remove it or choose another name") {
			t.Errorf("privacy export again = %d, %q; want that the file exists", r.code, r.stderr)
		}
		carol := []string{"PAGESESSION_SUPERUSER_USERNAME=carol", "PAGESESSION_SUPERUSER_EMAIL=", "PAGESESSION_SUPERUSER_PASSWORD=" + password}
		p.wants(p.with(new(script), carol, "createsuperuser", "--noinput"), "createsuperuser", 0, "Superuser carol created.\n", "")
		for _, tc := range []struct {
			args, answer   string
			code           int
			stdout, stderr string
		}{
			{"--user carol --yes", "", 0, "1 operator erased, who was named in 1 audit entry. 0 sessions ended.\n", ""},
			{"--user bob", "bob", 1, "", `nothing is kept of this person: neither the operators nor the audit log have a user "bob"; "pagesession users list" shows the operators`},
			{"--user ada", "ada", 1, "", "this is the last active superuser; make another user a superuser first"},
			{"--name Ad --yes", "", 1, "", `nothing is kept of this person: no live session has this name or subject; "pagesession sessions list" shows all`},
			{"--subject 1 --yes", "", 1, "", "nothing is kept of this person: no live session"},
			{"--name Ada", "yes", 1, "", "cancelled; nothing was changed"},
			{"--name Ada", "Ada", 0, "1 session ended.", ""},
			{"--name Ada", "", 2, "", "stdin is not a terminal; run this command in one, or use --yes"},
		} {
			r := p.answering(&script{answers: strings.Fields(tc.answer)}, append([]string{"privacy", "erase"}, strings.Fields(tc.args)...)...)
			if r.code != tc.code || !strings.HasPrefix(r.stdout, tc.stdout) || !strings.Contains(r.stderr, tc.stderr) {
				t.Errorf("privacy erase %s = %d, %q, %q; want %d, %q, %q", tc.args, r.code, r.stdout, r.stderr, tc.code, tc.stdout, tc.stderr)
			}
		}
	})
}

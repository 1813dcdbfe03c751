//go:build unix

package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"pagesession/internal/config"
)

// Opening a pipe would block the start until there is a writer, and delay signals.
func TestLoad_RefusesPipes(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	go release(pipe)
	wantMistakes(t, []string{"--config", pipe}, nil, `--config="`+pipe+`" cannot be read: not a regular file`)
	wantMistakes(t, []string{"--config=/dev/zero"}, nil, `--config="/dev/zero" cannot be read: not a regular file`)
	go release(pipe)
	wantMistakes(t, nil, []string{password + "_FILE=" + pipe}, password+`_FILE="`+pipe+`" cannot be read: not a regular file`)
}

// release ends the wait of a reader of the pipe.
func release(pipe string) {
	if f, err := os.OpenFile(pipe, os.O_WRONLY, 0); err == nil {
		_ = f.Close()
	}
}

// Kubernetes mounts a secret behind two links.
func TestLoad_FollowsLinks(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "password")
	for from, to := range map[string]string{link: "..data/password", filepath.Join(dir, "..data"): filepath.Dir(write(t, "x"))} {
		if err := os.Symlink(to, from); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(link, []byte("open sesame"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantMistakes(t, nil, []string{password + "_FILE=" + link})
}

// A file that others can change is refused: it says where the data is and whom to believe. A group
// of this process may change it, as in a pod with fsGroup.
func TestLoad_RefusesFilesThatOthersCanWrite(t *testing.T) {
	settings, secret := write(t, "PAGESESSION_ADDR=:1\n"), write(t, "open sesame")
	const foreign = 54321 // a group that the test is not in
	for _, tc := range []struct {
		mode  os.FileMode
		group int
		want  string // in the mistake; "": none
	}{
		{0o600, os.Getegid(), ""},
		{0o660, os.Getegid(), ""},
		{0o602, os.Getegid(), "names a file that every user can write to (mode 0602); chmod o-w the file, after a look at what is in it"},
		{0o666, os.Getegid(), "names a file that every user can write to (mode 0666); chmod o-w the file, after a look at what is in it"},
		{0o640, foreign, ""},
		{0o660, foreign, "names a file that its group, which this process is not in, can write to (mode 0660); chmod g-w the file, after a look at what is in it"},
	} {
		for file, assignment := range map[string]string{settings: "PAGESESSION_CONFIG=" + settings, secret: password + "_FILE=" + secret} {
			if err := os.Chown(file, -1, tc.group); err != nil {
				t.Logf("group %d: needs root", tc.group)
				continue
			}
			if err := os.Chmod(file, tc.mode); err != nil {
				t.Fatal(err)
			}
			var want []string
			if tc.want != "" {
				name, _, _ := strings.Cut(assignment, "=")
				want = []string{name + `="` + file + `" ` + tc.want}
			}
			wantMistakes(t, nil, []string{assignment}, want...)
		}
	}
}

// Files of another user are often a container's, so they are accepted, with a warning.
func TestLoad_WarnsOfOwner(t *testing.T) {
	settings, secret := write(t, "PAGESESSION_ADDR=:1\n"), write(t, "open sesame")
	environ := []string{"PAGESESSION_CONFIG=" + settings, password + "_FILE=" + secret}
	if l, err := loadFor(t, config.CreateSuperuser, nil, environ); err != nil || len(l.Warnings) > 0 {
		t.Errorf("own files: warnings %q, %v; want none", l.Warnings, err)
	}
	const other = 54321
	if err := errors.Join(os.Chown(settings, other, -1), os.Chown(secret, other, -1)); err != nil {
		t.Log("the rest needs root")
		return
	}
	const says = `" names a file of user 54321, who can change it; chown it to root, or to the user that reads it`
	l, err := loadFor(t, config.CreateSuperuser, nil, environ)
	if err != nil || len(l.Warnings) != 2 || l.Warnings[0] != `PAGESESSION_CONFIG="`+settings+says || l.Warnings[1] != password+`_FILE="`+secret+says {
		t.Errorf("files of another user: warnings %q, %v", l.Warnings, err)
	}
}

// An empty settings file, and one with comments only, set nothing. One with the line ends of
// Windows is read like any other.
func TestLoad_EmptyAndWindowsFiles(t *testing.T) {
	for content, addr := range map[string]string{"": "127.0.0.1:8000", "\n\n": "127.0.0.1:8000", "# none\r\n": "127.0.0.1:8000", "PAGESESSION_ADDR=:1\r\n\r\n": ":1"} {
		l, err := loadFor(t, "serve", []string{"--config=" + write(t, content)}, nil)
		if err != nil || l.Addr != addr || len(l.Warnings)+len(l.Unknown) > 0 {
			t.Errorf("the file %q: Load = %q, %v; want %q", content, l.Addr, err, addr)
		}
	}
}

// A byte order mark and UTF-16, as some editors write them, get an error with the line and a cure.
func TestLoad_OtherEncodings(t *testing.T) {
	for _, content := range []string{"\ufeffPAGESESSION_ADDR=:1\n", "\xff\xfeP\x00A\x00=\x00", "\x00P\x00A\x00=", "PAGESESSION_ADDR=\x00\n", "PAGESESSION_LANGUAGE=d\xe9\n"} {
		file := write(t, content)
		wantMistakes(t, []string{"--config=" + file}, nil, file+":1: this line is not UTF-8, or has a NUL byte or a byte order mark; save the file as plain text")
	}
}

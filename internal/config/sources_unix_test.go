//go:build unix

package config_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
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

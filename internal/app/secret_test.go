package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pagesession/internal/page"
)

func TestSecretKey_MadeOnceAndKept(t *testing.T) {
	dir := t.TempDir()
	key, err := secretKey(filepath.Join(dir, secretFile))
	if err != nil || len(key) != page.FlashKeySize {
		t.Fatalf("secretKey = %d bytes, %v; want %d", len(key), err, page.FlashKeySize)
	}
	path := filepath.Join(dir, "secret.key")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, %v; want 0600", info.Mode(), err)
	}
	again, err := secretKey(filepath.Join(dir, secretFile))
	if err != nil || !bytes.Equal(again, key) {
		t.Errorf("secretKey again = %v; want the same key", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("the folder holds %q; want the key alone", left)
	}
	if other, _ := secretKey(filepath.Join(t.TempDir(), secretFile)); bytes.Equal(other, key) {
		t.Error("two folders have the same key")
	}
}

// An unfinished file of a crash is not taken as the key.
func TestSecretKey_HalfWritten(t *testing.T) {
	dir := t.TempDir()
	half := filepath.Join(dir, "secret.key.new")
	if err := os.WriteFile(half, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if key, err := secretKey(filepath.Join(dir, secretFile)); err != nil || len(key) != page.FlashKeySize {
		t.Errorf("secretKey = %d bytes, %v", len(key), err)
	}
	if _, err := os.Stat(half); err == nil {
		t.Error("the half-written key is still there")
	}
}

// A link shows where the operator wants the key; that place may not be mounted yet.
func TestSecretKey_LinkToNothing(t *testing.T) {
	dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "key")
	path := filepath.Join(dir, "secret.key")
	if err := os.Symlink(elsewhere, path); err != nil {
		t.Skip(err)
	}
	if key, err := secretKey(filepath.Join(dir, secretFile)); key != nil || err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("secretKey = %x, %v; want none, and an error with the path", key, err)
	}
	if to, err := os.Readlink(path); to != elsewhere {
		t.Errorf("the link leads to %q, %v; want it as it was", to, err)
	}
	want := page.NewFlashKey()
	if err := os.WriteFile(elsewhere, want, 0o600); err != nil {
		t.Fatal(err)
	}
	if key, err := secretKey(filepath.Join(dir, secretFile)); err != nil || !bytes.Equal(key, want) {
		t.Errorf("secretKey = %x, %v; want the one that the link leads to", key, err)
	}
}

func TestSecretKey_Broken(t *testing.T) {
	whole := string(page.NewFlashKey())
	for what, tt := range map[string]struct {
		content string
		mode    os.FileMode
		says    string
	}{
		"empty":          {"", 0o600, "0 bytes instead of 32"},
		"cut":            {whole[1:], 0o600, "31 bytes instead of 32"},
		"too long":       {whole + "\n", 0o600, "33 bytes instead of 32"},
		"far too long":   {strings.Repeat(whole, 1000), 0o600, "32000 bytes instead of 32"},
		"group can read": {whole, 0o640, "(mode 0640); delete it"},
		"all can read":   {whole, 0o604, "(mode 0604); delete it"},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "secret.key")
		if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, tt.mode); err != nil {
			t.Fatal(err)
		}
		key, err := secretKey(filepath.Join(dir, secretFile))
		if key != nil || err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: secretKey = %x, %v; want none, %q and the path", what, key, err, tt.says)
		}
		if err != nil && tt.content != "" && strings.Contains(err.Error(), tt.content) {
			t.Errorf("%s: the error holds the key: %v", what, err)
		}
		if after, _ := os.ReadFile(path); string(after) != tt.content {
			t.Errorf("%s: the file was changed", what)
		}
	}
}

func TestSecretKey_Folder(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "secret.key"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := secretKey(filepath.Join(dir, secretFile)); err == nil || !strings.Contains(err.Error(), "is not a regular file") {
		t.Errorf("secretKey = %v; want that it is not a regular file", err)
	}
}

package app

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// Each later version has to read testdata/secret.key; see "File formats" in
// docs/ARCHITECTURE.md.
func TestFormat_SecretKey(t *testing.T) {
	golden, err := os.ReadFile(filepath.Join("testdata", "secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "secret.key")
	if err := os.WriteFile(path, golden, 0o600); err != nil {
		t.Fatal(err)
	}
	if key, err := secretKey(filepath.Join(dir, secretFile)); err != nil || !bytes.Equal(key, golden) {
		t.Errorf("secretKey = %x, %v; want %x", key, err, golden)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, golden) {
		t.Errorf("the file is %x, %v afterwards; want %x", after, err, golden)
	}
}

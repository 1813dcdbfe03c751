package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAddSums(t *testing.T) {
	dist := t.TempDir()
	const (
		foreign = "aa  pagesession-linux-amd64.tar.gz\nbb *old-format\n"
		empty   = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	)
	for name, content := range map[string]string{sumsFile: foreign + "cc  a.deb\n", "a.deb": "", "b.rpm": ""} {
		if err := os.WriteFile(filepath.Join(dist, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := foreign + empty + "  a.deb\n" + empty + "  b.rpm\n"
	for range 2 {
		if err := addSums(dist, []string{"a.deb", "b.rpm"}); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dist, sumsFile)); err != nil || string(got) != want {
			t.Errorf("%s = %q, %v; want %q", sumsFile, got, err, want)
		}
	}
	if err := os.Remove(filepath.Join(dist, sumsFile)); err != nil {
		t.Fatal(err)
	}
	if err := addSums(dist, []string{"b.rpm"}); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dist, sumsFile)); err != nil || string(got) != empty+"  b.rpm\n" {
		t.Errorf("a new %s = %q, %v", sumsFile, got, err)
	}
	if err := addSums(dist, []string{"missing"}); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("addSums of a missing file: %v; want its name", err)
	}
}

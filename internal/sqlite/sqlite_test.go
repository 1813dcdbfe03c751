package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pagesession/internal/sqlite"
)

// testdata/utf8.db and utf16.db were made by SQLite itself, by make.py beside
// them: small pages, so that trees have three levels and rows go over several
// pages.
func TestEach_WhatSQLiteWrote(t *testing.T) {
	for _, name := range []string{"utf8.db", "utf16.db"} {
		f, err := sqlite.Open(filepath.Join("testdata", name))
		if err != nil {
			t.Fatalf("Open(%s): %v", name, err)
		}
		if !f.HasColumns("odd names", "id", "a,b", "c(d", "late") || f.HasColumns("odd names", "check") {
			t.Errorf("%s: the columns are not what they are", name)
		}
		n := int64(0)
		err = f.Each("many", func(r sqlite.Row) error {
			n++
			want := sqlite.Row{"id": n, "word": strings.Repeat("ü", int(n%7)), "n": n * n * n}
			if !reflect.DeepEqual(r, want) {
				t.Fatalf("%s: row %v; want %v", name, r, want)
			}
			return nil
		})
		if err != nil || n != 500 {
			t.Errorf("%s: %d rows, %v; want 500", name, n, err)
		}
		var rows []sqlite.Row
		if err := f.Each("odd names", func(r sqlite.Row) error { rows = append(rows, r); return nil }); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want := []sqlite.Row{
			{"id": int64(-7), "a,b": strings.Repeat("long ", 1000), "c(d": []byte{0, 255}, "late": nil},
			{"id": int64(1 << 40), "a,b": nil, "c(d": 2.5, "late": "𝄞"},
		}
		if !reflect.DeepEqual(rows, want) {
			t.Errorf("%s: rows %.300v", name, rows)
		}
		if err := f.Each("none", nil); !errors.Is(err, sqlite.ErrNoTable) {
			t.Errorf("%s: Each of no table: %v", name, err)
		}
		if err := f.Close(); err != nil {
			t.Errorf("%s: Close: %v", name, err)
		}
	}
}

func TestOpen_NoDatabase(t *testing.T) {
	folder := t.TempDir()
	for name, content := range map[string]string{
		"empty": "", "text": "hello", "magic only": "SQLite format 3\x00", "page size": "SQLite format 3\x00" + strings.Repeat("\x03", 5000),
	} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := sqlite.Open(path); !errors.Is(err, sqlite.ErrFormat) {
			t.Errorf("%s: %v; want ErrFormat", name, err)
		}
	}
	if _, err := sqlite.Open(folder); err == nil {
		t.Error("a folder was opened")
	}
	if _, err := sqlite.Open(filepath.Join(folder, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// What is not in the file yet is not imported half.
func TestOpen_UnfinishedIsRefused(t *testing.T) {
	content, err := os.ReadFile("testdata/utf8.db")
	if err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"-journal", "-wal"} {
		path := filepath.Join(t.TempDir(), "db.sqlite3")
		_ = os.WriteFile(path, content, 0o600)
		_ = os.WriteFile(path+suffix, nil, 0o600) // an empty one means nothing
		f, err := sqlite.Open(path)
		if err != nil {
			t.Fatalf("with an empty %s: %v", suffix, err)
		}
		_ = os.WriteFile(path+suffix, []byte("x"), 0o600)
		if err := f.Close(); !errors.Is(err, sqlite.ErrUnfinished) {
			t.Errorf("%s came while it was read: %v; want ErrUnfinished", suffix, err)
		}
		if _, err := sqlite.Open(path); !errors.Is(err, sqlite.ErrUnfinished) {
			t.Errorf("with %s: %v; want ErrUnfinished", suffix, err)
		}
	}
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	_ = os.WriteFile(path, content, 0o600)
	f, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	content[27]++ // another transaction
	_ = os.WriteFile(path, content, 0o600)
	if err := f.Close(); !errors.Is(err, sqlite.ErrUnfinished) {
		t.Errorf("changed while it was read: %v; want ErrUnfinished", err)
	}
}

// Any file gives rows or an error.
func FuzzOpen(f *testing.F) {
	f.Add(small(f))
	path := filepath.Join(f.TempDir(), "db.sqlite3")
	f.Fuzz(func(t *testing.T, content []byte) { readAll(t, path, content) })
}

func TestOpen_DamagedAnywhere(t *testing.T) {
	content := small(t)
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	masks := []byte{0xff, 0x01, 0x80}
	for i := 0; i < len(content); i += 2 {
		mask := masks[i%3]
		content[i] ^= mask
		readAll(t, path, content)
		content[i] ^= mask
	}
	for i := 0; i < len(content); i += 64 {
		readAll(t, path, content[:i])
	}
}

// A small file whose rows are all the same bytes must not become large in memory.
func TestEach_RowsOverRowsAreRefused(t *testing.T) {
	content := small(t)
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	leaf := content[512:1024] // the root of small, with two rows
	leaf[3], leaf[4] = 0, 200
	for i := range 200 {
		copy(leaf[8+2*i:], leaf[8:10])
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows := 0
	err = db.Each("small", func(sqlite.Row) error { rows++; return nil })
	if !errors.Is(err, sqlite.ErrFormat) || !strings.Contains(err.Error(), "one over the other") {
		t.Errorf("%d rows, %v; want ErrFormat", rows, err)
	}
}

func small(t testing.TB) []byte {
	content, err := os.ReadFile("testdata/small.db")
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func readAll(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(path)
	if err != nil {
		return
	}
	_ = db.Each("small", func(sqlite.Row) error { return nil })
	_ = db.Close()
}

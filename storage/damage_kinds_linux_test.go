package storage_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"
	"pagesession/internal/testkit"
	"pagesession/storage"
)

// wantUntouched checks that Open returned that error and left file and folder as
// they were, apart from the lock file.
func wantUntouched(t *testing.T, path string, before []byte, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("Open = %v; want %v", err, want)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("Open changed a file that it refused")
	}
	names, _ := filepath.Glob(path + "*")
	for _, name := range names {
		if name != path && name != path+".lock" {
			t.Errorf("Open left %s", name)
		}
	}
}

// A file that cannot be read for lack of permission is not damaged.
func TestDamage_NoPermission(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	s := open(t, cfg)
	mustCreate(t, s, "a", idle20)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before := readFile(t, cfg.Database)
	var err error
	asStranger(t, cfg.Database, func() { _, err = storage.Open(cfg) })
	wantUntouched(t, cfg.Database, before, err, fs.ErrPermission)
}

// asStranger runs f without permission to read the file. Root has every permission,
// so the thread becomes another user.
func asStranger(t *testing.T, path string, f func()) {
	t.Helper()
	for _, name := range []string{filepath.Dir(filepath.Dir(path)), filepath.Dir(path), path + ".lock"} {
		if err := os.Chmod(name, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if os.Geteuid() != 0 {
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.Chmod(path, 0o600) }()
		f()
		return
	}
	const stranger = 65534
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked, so the thread ends with the goroutine
		if err := unix.Setfsuid(stranger); err != nil {
			t.Errorf("setfsuid: %v", err)
		}
		f()
	}()
	<-done
}

// A folder or a pipe in the file's place is not a damaged file either, on any file system.
func TestDamage_NotAFile(t *testing.T) {
	for what, make := range map[string]func(string) error{
		"folder": func(path string) error { return os.Mkdir(path, 0o700) },
		"pipe":   func(path string) error { return unix.Mkfifo(path, 0o600) },
	} {
		cfg := testConfig(t, testkit.NewClock())
		if err := make(cfg.Database); err != nil {
			t.Fatal(err)
		}
		s, err := storage.Open(cfg)
		if err == nil {
			_ = s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "is not a regular file") {
			t.Errorf("Open of a %s = %v; want that it is not a regular file", what, err)
		}
		if names, _ := filepath.Glob(cfg.Database + ".damaged-*"); len(names) > 0 {
			t.Errorf("Open moved a %s aside: %v", what, names)
		}
	}
}

// A file of a later version is refused and left as it is.
func TestDamage_NewerFormat(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	versionedFile(t, cfg, true)
	before := readFile(t, cfg.Database)
	_, err := storage.Open(cfg)
	wantUntouched(t, cfg.Database, before, err, storage.ErrNewerFormat)
}

// A flipped bit in the version is damage, not a later version, so the server starts.
func TestDamage_FlippedVersionIsDamage(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	versionedFile(t, cfg, false)
	s := open(t, cfg)
	if names, _ := filepath.Glob(cfg.Database + ".damaged-*"); len(names) != 1 {
		t.Errorf("Open moved %d files aside; want 1", len(names))
	}
	mustCreate(t, s, "b", idle20)
}

// versionedFile writes a later version into the clock mark, with or without the
// right checksum.
func versionedFile(t *testing.T, cfg storage.Config, checksum bool) {
	t.Helper()
	s := open(t, cfg)
	mustCreate(t, s, "a", idle20)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(cfg.Database, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		meta := tx.Bucket([]byte("fiber_storage")).Bucket([]byte("meta"))
		mark := bytes.Clone(meta.Get([]byte("mark")))
		mark[4] = 5
		if checksum {
			binary.LittleEndian.PutUint32(mark, crc32.Checksum(mark[4:], crc32.MakeTable(crc32.Castagnoli)))
		}
		return meta.Put([]byte("mark"), mark)
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

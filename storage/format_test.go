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

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// Every later version must read the golden files; see "File formats" in
// docs/ARCHITECTURE.md. testdata/format-1.db was written in the ten minutes after
// the fake clock's start, testdata/stock.db by Fiber's own driver.

// openGolden opens a copy of a golden file half a minute after it was written.
func openGolden(t *testing.T, name string) (*storage.Storage, storage.Config) {
	t.Helper()
	clock := testkit.NewClock()
	clock.Advance(10*time.Minute + 30*time.Second)
	cfg := testConfig(t, clock)
	writeFile(t, cfg.Database, readFile(t, filepath.Join("testdata", name)))
	return open(t, cfg), cfg
}

func TestFormat_1IsReadWhole(t *testing.T) {
	s, cfg := openGolden(t, "format-1.db")
	const day = 24 * time.Hour
	age := 10*time.Minute + 30*time.Second
	live := map[string]struct {
		value               string
		idle, left, absLeft time.Duration
	}{
		"live":       {"value of live", time.Hour, time.Hour - age, day - age},
		"touched":    {"value of touched", time.Hour, time.Hour - age + 5*time.Minute, day - age},
		"changed":    {"another value", 2 * time.Hour, 2*time.Hour - 30*time.Second, day - age},
		"rotated to": {"value of rotated", time.Hour, time.Hour - 30*time.Second, day - age},
		"large":      {strings.Repeat("large ", 1000), time.Hour, time.Hour - age, day - age},
		"endless":    {"value of endless", 0, 0, 0},
	}
	for id, want := range live {
		r := s.Peek(record.KeyOf(id))
		if r.State != record.Live || string(r.Value) != want.value || r.Age != age || r.IdleTimeout != want.idle ||
			r.Remaining != want.left || r.AbsoluteRemaining != want.absLeft {
			t.Errorf("%q = %v, %.20q, %v old, idle %v, left %v and %v; want live, %.20q, %v old, %v, %v and %v", id, r.State, r.Value,
				r.Age, r.IdleTimeout, r.Remaining, r.AbsoluteRemaining, want.value, age, want.idle, want.left, want.absLeft)
		}
	}
	for id, why := range map[string]record.Reason{
		"idle": record.Idle, "absolute": record.Absolute, "deleted": record.Deleted, "revoked": record.Revoked, "rotated": record.Replaced,
	} {
		wantStatus(t, s, record.KeyOf(id), record.Ended, why)
	}
	if n := s.Stats().Sessions; n != int64(len(live)) {
		t.Errorf("%d sessions are live; want %d", n, len(live))
	}
	wantBeside(t, cfg.Database)
}

// Format 2 has sessions with a subject and sessions without one. The golden file was
// written at the fake clock's start and ten minutes after it.
func TestFormat_2IsReadWhole(t *testing.T) {
	s, cfg := openGolden(t, "format-2.db")
	for id, subject := range map[string]string{"one": "ada", "two": "ada", "rotated to": "Ünal\x00", "without": ""} {
		row := s.Find(record.KeyOf(id).Handle())
		if row.State != record.Live || row.Subject != subject || string(row.Value) != "value of "+id {
			t.Errorf("%q = %v of %q with %q; want live, of %q", id, row.State, row.Subject, row.Value, subject)
		}
	}
	rows, err := s.Sessions().OfSubject(t.Context(), "ada")
	if err != nil || len(rows) != 2 {
		t.Errorf("OfSubject() = %d sessions, %v; want 2", len(rows), err)
	}
	wantStatus(t, s, record.KeyOf("rotated"), record.Ended, record.Replaced)
	wantBeside(t, cfg.Database)
}

// Format 3 has changes that make a deadline later, and marks that end all sessions
// before them. The golden file is what a crash left ten minutes after the fake clock's
// start: the touches of "in time" and "too late" were not written.
func TestFormat_3IsReadWhole(t *testing.T) {
	s, cfg := openGolden(t, "format-3.db")
	for id, value := range map[string]string{"live": "value of live", "lengthened": "value of lengthened", "in time": "another value"} {
		r := s.Peek(record.KeyOf(id))
		if r.State != record.Live || string(r.Value) != value || r.Remaining != time.Hour-30*time.Second {
			t.Errorf("%q = %v, %q, %v left; want live, %q, 59m30s left", id, r.State, r.Value, r.Remaining, value)
		}
	}
	for id, why := range map[string]record.Reason{
		"ended first": record.Revoked, "ended second": record.Deleted, "expired": record.Idle, "too late": record.Idle,
	} {
		wantStatus(t, s, record.KeyOf(id), record.Ended, why)
	}
	wantBeside(t, cfg.Database)
}

// A file has format 2 if it holds a session with a subject. Without one, an older
// version can read it.
func TestFormat_WithoutSubjectsIs1(t *testing.T) {
	for subject, want := range map[string]bool{"": false, "ada": true} {
		cfg := testConfig(t, testkit.NewClock())
		s := open(t, cfg)
		content := record.Content{Value: []byte("value"), Subject: subject, Idle: time.Hour}
		if _, err := s.Sessions().Create(t.Context(), record.KeyOf("one"), content, 0); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if got := hasFormat2(t, cfg.Database); got != want {
			t.Errorf("with the subject %q a record has format 2: %v; want %v", subject, got, want)
		}
	}
}

// hasFormat2 reports whether the mark says format 2. It fails the test unless a
// record has format 2 exactly then.
func hasFormat2(t *testing.T, path string) (found bool) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.View(func(tx *bbolt.Tx) error {
		root := tx.Bucket([]byte("fiber_storage"))
		found = root.Bucket([]byte("meta")).Get([]byte("mark"))[4] == 2
		return root.Bucket([]byte("records")).ForEach(func(_, frame []byte) error {
			if (frame[4] == 2) != found {
				t.Errorf("a record has format %d, but the mark says format 2: %v", frame[4], found)
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// An older format is migrated, and the old file is kept.
func TestFormat_StockIsMigratedAndKept(t *testing.T) {
	s, cfg := openGolden(t, "stock.db")
	for _, id := range []string{"first", "second"} {
		wantValue(t, s, id, "value of "+id)
	}
	kept := cfg.Database + ".older-20261122T223235Z"
	if !bytes.Equal(readFile(t, kept), readFile(t, filepath.Join("testdata", "stock.db"))) {
		t.Error("the kept file differs from the one that was migrated")
	}
	if info, err := os.Stat(kept); runtime.GOOS != "windows" && (err != nil || info.Mode().Perm() != 0o600) {
		t.Errorf("mode of the kept file = %v, %v; want 0600: it has ids in clear", info.Mode().Perm(), err)
	}
	reopen(t, s, cfg)
	wantBeside(t, cfg.Database, kept)
}

// A newer format is refused with a message that says what to do, and the file stays
// as it is.
func TestFormat_NewerIsRefusedUntouched(t *testing.T) {
	for _, frame := range []string{"mark", "record"} {
		t.Run(frame, func(t *testing.T) { refusesNewer(t, frame) })
	}
}

func refusesNewer(t *testing.T, frame string) {
	cfg := testConfig(t, testkit.NewClock())
	writeFile(t, cfg.Database, readFile(t, filepath.Join("testdata", "format-1.db")))
	raiseFormat(t, cfg.Database, frame)
	before := readFile(t, cfg.Database)
	s, err := storage.Open(cfg)
	if err == nil {
		_ = s.Close()
	}
	if !errors.Is(err, storage.ErrNewerFormat) {
		t.Fatalf("Open of a newer format = %v; want ErrNewerFormat", err)
	}
	known := map[string]string{"mark": "up to 4", "record": "up to 3"}[frame]
	for _, part := range []string{cfg.Database, "format 5", known, "use the version that wrote it, or a newer one"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("message %q lacks %q", err, part)
		}
	}
	if !bytes.Equal(readFile(t, cfg.Database), before) {
		t.Error("Open changed a file that it refused")
	}
	wantBeside(t, cfg.Database)
}

// raiseFormat gives the mark, or a record, of a session file format 5.
func raiseFormat(t *testing.T, path, frame string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		in, key := tx.Bucket([]byte("fiber_storage")).Bucket([]byte("meta")), []byte("mark")
		if frame == "record" {
			in = tx.Bucket([]byte("fiber_storage")).Bucket([]byte("records"))
			key, _ = in.Cursor().First()
		}
		raised := bytes.Clone(in.Get(key))
		raised[4] = 5
		binary.LittleEndian.PutUint32(raised, crc32.Checksum(raised[4:], crc32.MakeTable(crc32.Castagnoli)))
		return in.Put(key, raised)
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// wantBeside fails unless the folder has the file, its lock file and these files
// only.
func wantBeside(t *testing.T, path string, others ...string) {
	t.Helper()
	want := map[string]bool{path: true, path + ".lock": true}
	for _, name := range others {
		want[name] = true
	}
	err := filepath.WalkDir(filepath.Dir(path), func(name string, d fs.DirEntry, err error) error {
		if !d.IsDir() && !want[name] {
			t.Errorf("the folder has %q", name)
		}
		delete(want, name)
		return err
	})
	delete(want, path+".lock")
	if err != nil || len(want) > 0 {
		t.Errorf("the folder lacks %v (%v)", want, err)
	}
}

package storage_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// sameFile returns a function that reports whether the session file is still the one that it
// was when sameFile was called.
func sameFile(t *testing.T, cfg storage.Config) func() bool {
	t.Helper()
	stat := func() os.FileInfo {
		info, err := os.Stat(cfg.Database)
		must(t, err)
		return info
	}
	was := stat()
	return func() bool { return os.SameFile(was, stat()) }
}

// A start with many sessions uses a compact file as it is: the same sessions with the same
// time, what has ended stays ended, and what is written then is there after the next start.
func TestOpen_UsesCompactFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := testkit.NewClock()
		cfg := storage.WithMany(testConfig(t, clock), 200)
		s := open(t, cfg)
		var keys []record.Key
		for i := range 300 {
			keys = append(keys, mustCreate(t, s, fmt.Sprint("id", i), idle20))
		}
		brief := mustCreate(t, s, "brief", record.Lifetime{Idle: time.Second})
		clock.Advance(2 * time.Second)
		for _, k := range keys[:100] {
			s.Refresh(k)
		}
		_, err := s.End(context.Background(), keys[299], record.Deleted)
		must(t, err)
		same := sameFile(t, cfg)
		for range 2 {
			s = reopen(t, s, cfg)
			if !same() {
				t.Fatal("the start has written a fresh file")
			}
			wantLeft(t, s, 20*time.Second, keys[:100]...)
			wantLeft(t, s, 18*time.Second, keys[100:299]...)
			wantStatus(t, s, keys[299], record.Ended, record.Deleted)
			wantStatus(t, s, brief, record.Ended, record.Idle)
		}
		clock.Advance(time.Second)
		later := mustCreate(t, s, "later", idle20)
		must(t, s.Replace(context.Background(), keys[1], []byte("new"), 20*time.Second))
		s = reopen(t, s, cfg)
		wantLeft(t, s, 20*time.Second, later, keys[1])
		wantLeft(t, s, 17*time.Second, keys[100:298]...)
		if got := s.Peek(keys[1]).Value; got != "new" {
			t.Errorf("value = %q; want that of the change", got)
		}
		if st := s.Stats().File; st.State != storage.FileOK {
			t.Errorf("the file is %v, %v; want it ok", st.State, st.Cause)
		}
	})
}

// After RewriteNext a start leaves no value of an ended session in the file, also where it
// would use the file as it is. It does so once.
func TestStorage_RewriteNext(t *testing.T) {
	cfg := storage.WithMany(testConfig(t, testkit.NewClock()), 200)
	s := open(t, cfg)
	var keys []record.Key
	for i := range 300 {
		keys = append(keys, mustCreate(t, s, fmt.Sprint("id", i), idle20))
	}
	const secret = "a name that has to go"
	must(t, s.Replace(t.Context(), keys[0], []byte(secret), 20*time.Second))
	_, err := s.End(t.Context(), keys[0], record.Deleted)
	must(t, err)
	holds := func() bool {
		content, err := os.ReadFile(cfg.Database)
		must(t, err)
		return bytes.Contains(content, []byte(secret))
	}
	if s = reopen(t, s, cfg); !holds() {
		t.Error("a start that uses the file as it is has removed the old value; this test needs it there")
	}
	must(t, s.RewriteNext())
	must(t, s.RewriteNext())
	if s = reopen(t, s, cfg); holds() {
		t.Error("the value of an ended session is still in the file")
	}
	same := sameFile(t, cfg)
	if s = reopen(t, s, cfg); !same() {
		t.Error("the start after that has written a fresh file, too")
	}
	wantLeft(t, s, 20*time.Second, keys[1:]...)
	wantStatus(t, s, keys[0], record.Ended, record.Deleted)
}

// Where a compact file cannot be used as it is after all, the start writes a fresh one, and
// loses nothing.
func TestOpen_CannotUseFileAsItIs(t *testing.T) {
	clock := testkit.NewClock()
	cfg := storage.WithMany(testConfig(t, clock), 1)
	s := open(t, cfg)
	k := mustCreate(t, s, "id", idle20)
	same, tried := sameFile(t, cfg), 0
	must(t, s.Close())
	s = open(t, storage.WithOpened(cfg, func(db *bbolt.DB) {
		if tried++; tried == 1 {
			panic("page 7: invalid page type")
		}
	}))
	if same() || tried < 2 {
		t.Errorf("the file is still the old one: %v, after %d tries; want a fresh one", same(), tried)
	}
	later := mustCreate(t, s, "later", idle20)
	s = reopen(t, s, cfg)
	wantLeft(t, s, 20*time.Second, k, later)
}

// A start writes a fresh file if there are few sessions, if many records have ended, and if
// most of the file is empty room.
func TestOpen_WritesFreshFile(t *testing.T) {
	const many = 1000
	for name, test := range map[string]struct {
		long    int // sessions
		brief   int // sessions that have expired at the start
		deleted int // sessions that ended before the start
	}{
		"few sessions":       {long: many - 1},
		"many have expired":  {long: many, brief: many/4 + 1},
		"most of it is room": {long: many, deleted: 20 * many},
	} {
		t.Run(name, func(t *testing.T) {
			clock := testkit.NewClock()
			cfg := storage.WithMany(testConfig(t, clock), many)
			s := open(t, cfg)
			together(test.long, func(i int) { mustCreate(t, s, fmt.Sprint("long", i), idle20) })
			together(test.brief, func(i int) {
				mustCreate(t, s, fmt.Sprint("brief", i), record.Lifetime{Idle: time.Second})
			})
			together(test.deleted, func(i int) { mustCreate(t, s, fmt.Sprint("deleted", i), idle20) })
			together(test.deleted, func(i int) {
				_, err := s.End(context.Background(), record.KeyOf(fmt.Sprint("deleted", i)), record.Deleted)
				must(t, err)
			})
			clock.Advance(2 * time.Second)
			same := sameFile(t, cfg)
			if s = reopen(t, s, cfg); same() {
				t.Error("the start has used the old file")
			}
			if got := s.Stats().Sessions; got != int64(test.long) {
				t.Errorf("%d sessions; want %d", got, test.long)
			}
		})
	}
}

// A file that others can read is readable by its owner only after a start, as a fresh one.
func TestOpen_ClosesUsedFileToOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // it has no such modes
	}
	cfg := storage.WithMany(testConfig(t, testkit.NewClock()), 1)
	s := open(t, cfg)
	mustCreate(t, s, "a", idle20)
	must(t, s.Close())
	must(t, os.Chmod(cfg.Database, 0o644))
	same := sameFile(t, cfg)
	open(t, cfg)
	info, err := os.Stat(cfg.Database)
	must(t, err)
	if mode := info.Mode().Perm(); mode != 0o600 || !same() {
		t.Errorf("the mode is %o, the same file: %t; want 600, true", mode, same())
	}
}

// bbolt adds a changed page beside the old one if the branch page that leads to it has
// another key than its first one, and does not notice that when it opens the file. A start
// reads all sessions of such a file and writes it anew: what ends then stays ended.
func TestOpen_WrongKeyInBranch(t *testing.T) {
	clock := testkit.NewClock()
	cfg := storage.WithMany(testConfig(t, clock), 1)
	s := open(t, cfg)
	var keys []record.Key
	for i := range 600 {
		k := mustCreate(t, s, fmt.Sprint("id", i), record.Lifetime{Idle: time.Hour})
		if keys = append(keys, k); i%2 == 1 { // so that no key is just below the first one of a page
			keys = keys[:len(keys)-1]
			_, err := s.End(context.Background(), k, record.Deleted)
			must(t, err)
		}
	}
	must(t, s.Close())
	b := readFile(t, cfg.Database)
	lower := lowerBranchKeys(b)
	writeFile(t, cfg.Database, b)
	same := sameFile(t, cfg)
	s = open(t, cfg)
	if lower == 0 || same() {
		t.Errorf("%d keys are wrong; the same file: %t; want some, false", lower, same())
	}
	for _, k := range keys {
		wantStatus(t, s, k, record.Live, record.NoReason)
		_, err := s.End(context.Background(), k, record.Deleted)
		must(t, err)
	}
	clock.Advance(11 * time.Minute) // the ends are forgotten
	s = reopen(t, s, cfg)
	if st := s.Stats(); st.Sessions != 0 || st.File.State != storage.FileOK {
		t.Errorf("%d sessions that have ended are live again; the file is %v", st.Sessions, st.File.State)
	}
}

// lowerBranchKeys lowers each key of eight bytes in branch pages by one, but not the first of
// a page. It returns how many there are.
func lowerBranchKeys(file []byte) (lowered int) {
	le := binary.LittleEndian
	for _, p := range pagesOf(file, branchFlag) {
		b := page(file, p)
		for i := 1; i < int(le.Uint16(b[countAt:])); i++ {
			at := pageHeader + i*pageElement
			if pos, size := at+int(le.Uint32(b[at:])), le.Uint32(b[at+4:]); size == 8 && pos+8 <= len(b) {
				key := b[pos:]
				binary.BigEndian.PutUint64(key, binary.BigEndian.Uint64(key)-1)
				lowered++
			}
		}
	}
	return lowered
}

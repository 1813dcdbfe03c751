package storage_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// A watched is a storage whose file something happens to: older is a copy from
// before ended's end, and live has been live all the time.
type watched struct {
	t           *testing.T
	cfg         storage.Config
	s           *storage.Storage
	path, older string
	live, ended record.Key
}

func newWatched(t *testing.T) *watched {
	cfg, _ := faultyConfig(t, testkit.NewClock())
	dir := filepath.Dir(cfg.Database) + "/data"
	must(t, os.Mkdir(dir, 0o700))
	cfg.Database = dir + "/sessions.db"
	w := &watched{t: t, cfg: cfg, path: cfg.Database, older: dir + "-older.db", s: open(t, cfg)}
	w.live, w.ended = mustCreate(t, w.s, "live", idle20), mustCreate(t, w.s, "ended", idle20)
	w.copy(w.path, w.older)
	if ok, err := w.s.End(context.Background(), w.ended, record.Revoked); !ok || err != nil {
		t.Fatalf("End = %v, %v", ok, err)
	}
	return w
}

// copy is cp: it writes into a file that is there.
func (w *watched) copy(from, to string) {
	w.t.Helper()
	b, err := os.ReadFile(from)
	must(w.t, err)
	must(w.t, os.WriteFile(to, b, 0o600))
}

// aside returns what has been moved aside.
func (w *watched) aside() []string {
	names, err := filepath.Glob(w.path + ".foreign-*")
	must(w.t, err)
	return names
}

// check wants memory's sessions, from the storage and after a restart.
func (w *watched) check() {
	w.t.Helper()
	for range 2 {
		wantStatus(w.t, w.s, w.ended, record.Ended, record.Revoked)
		wantLeft(w.t, w.s, 20*time.Second, w.live)
		w.s = reopen(w.t, w.s, w.cfg)
	}
}

// Whatever happens to the file is noticed within two seconds, and mended from
// memory: nothing is lost and nothing revived (D8, D9). A file that the server did
// not write is kept.
func TestWatch(t *testing.T) {
	for name, tc := range map[string]struct {
		harm func(w *watched)
		kept int // files moved aside
	}{
		"vanished":           {func(w *watched) { must(w.t, os.Remove(w.path)) }, 0},
		"moved away":         {func(w *watched) { must(w.t, os.Rename(w.path, w.path+".away")) }, 0},
		"older moved over":   {func(w *watched) { must(w.t, os.Rename(w.older, w.path)) }, 1},
		"older copied over":  {func(w *watched) { w.copy(w.older, w.path) }, 1},
		"cut":                {func(w *watched) { must(w.t, os.Truncate(w.path, 4096)) }, 1},
		"end cut off":        {func(w *watched) { must(w.t, os.Truncate(w.path, 8192)) }, 1},
		"emptied":            {func(w *watched) { must(w.t, os.Truncate(w.path, 0)) }, 1},
		"overwritten":        {func(w *watched) { must(w.t, os.WriteFile(w.path, bytes.Repeat([]byte("x"), 1<<16), 0o600)) }, 1},
		"meta overwritten":   {func(w *watched) { w.copyPart(w.older, w.path, 8192) }, 1},
		"folder in place":    {func(w *watched) { must(w.t, os.Remove(w.path)); must(w.t, os.Mkdir(w.path, 0o700)) }, 1},
		"lock file vanished": {func(w *watched) { must(w.t, os.Remove(w.path+".lock")); must(w.t, os.Remove(w.path)) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWatched(t)
				tc.harm(w)
				time.Sleep(2 * time.Second)
				synctest.Wait()
				if _, err := os.Stat(w.path); err != nil {
					t.Errorf("after two seconds the file is not there: %v", err)
				}
				waitForFile(t, w.s)
				mustCreate(t, w.s, "after", idle20)
				w.check()
				if names := w.aside(); len(names) != tc.kept {
					t.Errorf("moved aside: %v; want %d", names, tc.kept)
				}
			})
		})
	}
}

// A change that comes before the storage looks at the file finds that itself, and is
// refused: it would be written behind the pages of another time, or into another
// program's file. That file is kept.
func TestWatch_ChangeAtOnce(t *testing.T) {
	for name, harm := range map[string]func(w *watched){
		"older copied over":               func(w *watched) { w.copy(w.older, w.path) },
		"another database":                func(w *watched) { w.copy(anotherDatabase(w.t, ""), w.path) },
		"stock database":                  func(w *watched) { w.copy(anotherDatabase(w.t, "fiber_storage"), w.path) },
		"overwritten":                     func(w *watched) { w.overwrite(0) },
		"overwritten from its third page": func(w *watched) { w.overwrite(2 * pageSize) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWatched(t)
				harm(w)
				if err := w.s.Replace(context.Background(), w.live, []byte("new"), time.Minute); !errors.Is(err, storage.ErrUnavailable) {
					t.Errorf("Replace in a file that was overwritten = %v; want ErrUnavailable", err)
				}
				waitForFile(t, w.s)
				w.check()
				if names := w.aside(); len(names) != 1 {
					t.Errorf("moved aside: %v; want what was copied there", names)
				}
			})
		})
	}
}

// anotherDatabase makes a database with one bucket that is larger than the storage's
// file.
func anotherDatabase(t *testing.T, bucket string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "another.db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true, InitialMmapSize: 1 << 22})
	must(t, err)
	must(t, db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte(cmp.Or(bucket, "another")))
		if err == nil {
			err = b.Put([]byte("k"), make([]byte, 2<<20))
		}
		return err
	}))
	must(t, db.Close())
	return path
}

// overwrite fills the file with other bytes from an offset to its end.
func (w *watched) overwrite(from int) {
	w.t.Helper()
	b, err := os.ReadFile(w.path)
	must(w.t, err)
	copy(b[from:], bytes.Repeat([]byte{0xee}, len(b)-from))
	must(w.t, os.WriteFile(w.path, b, 0o600))
}

// copyPart overwrites the beginning of a file.
func (w *watched) copyPart(from, to string, n int) {
	b, err := os.ReadFile(from)
	must(w.t, err)
	f, err := os.OpenFile(to, os.O_WRONLY, 0)
	must(w.t, err)
	_, err = f.WriteAt(b[:n], 0)
	must(w.t, errors.Join(err, f.Close()))
}

// A file that nothing happens to stays, also when its name gets a new folder entry
// or other times.
func TestWatch_LeavesTheFileAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatched(t)
		was, err := os.Stat(w.path)
		must(t, err)
		must(t, os.Link(w.path, w.path+".link"))
		must(t, os.Chtimes(w.path, time.Now(), time.Now()))
		for range 10 {
			w.s.Refresh(w.live)
			time.Sleep(time.Second)
		}
		is, err := os.Stat(w.path)
		must(t, err)
		if !os.SameFile(was, is) || w.s.Stats().File.State != storage.FileOK {
			t.Errorf("the file was replaced; state %v", w.s.Stats().File.State)
		}
	})
}

// The folder is gone or moved: the state says so, ends are in force, and as soon as
// there is a folder it has the file and the lock.
func TestWatch_FolderGone(t *testing.T) {
	for name, remove := range map[string]func(dir string) error{
		"removed": os.RemoveAll,
		"moved":   func(dir string) error { return os.Rename(dir, dir+"-moved") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWatched(t)
				dir := filepath.Dir(w.path)
				must(t, remove(dir))
				time.Sleep(2 * time.Second)
				synctest.Wait()
				st := w.s.Stats().File
				if st.State != storage.FileDetached || !errors.Is(st.Cause, os.ErrNotExist) || !strings.Contains(st.Cause.Error(), w.path) {
					t.Errorf("without its folder the file is %+v; want it detached, and the path", st)
				}
				must(t, os.Mkdir(dir, 0o700))
				waitForFile(t, w.s)
				if _, err := storage.Open(w.cfg); !errors.Is(err, storage.ErrInUse) {
					t.Errorf("a second Open = %v; want ErrInUse", err)
				}
				w.check()
			})
		})
	}
}

// Another process has taken the name meanwhile: the storage stays detached, names
// it, and touches nothing of it.
func TestWatch_OtherOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatched(t)
		dir := filepath.Dir(w.path)
		must(t, os.Rename(dir, dir+"-moved"))
		must(t, os.Mkdir(dir, 0o700))
		other, err := storage.Open(w.cfg)
		must(t, err)
		theirs := mustCreate(t, other, "theirs", idle20)
		time.Sleep(time.Minute)
		synctest.Wait()
		st := w.s.Stats().File
		if st.State != storage.FileDetached || !errors.Is(st.Cause, storage.ErrInUse) || !strings.Contains(st.Cause.Error(), "process") {
			t.Errorf("while another process has the name the file is %+v; want it detached, and the process", st)
		}
		if got := other.Stats().File.State; got != storage.FileOK {
			t.Errorf("the other's file is %v; want ok", got)
		}
		wantStatus(t, other, theirs, record.Live, record.NoReason)
		must(t, other.Close())
		waitForFile(t, w.s)
		w.check()
		if names := w.aside(); len(names) != 1 {
			t.Errorf("moved aside: %v; want the other's file", names)
		}
	})
}

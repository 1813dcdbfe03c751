package file

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

// A start does not wait for a slow disk's sync once it has to stop. The file stays locked
// until the sync is done, and is closed then.
func TestAdopt_StopsWhileItSyncs(t *testing.T) {
	done, cancel := context.WithCancel(t.Context())
	cancel()
	stops := 0
	for range 20 { // the sync may be faster
		f, path, _ := built(t, 10)
		must(t, f.Reopen(path))
		must(t, f.Close())
		l, err := Load(t.Context(), path, "b", time.Second, Limits{})
		must(t, err)
		err = f.Adopt(done, path, l)
		if err == nil {
			must(t, f.Close())
			continue
		}
		if stops++; !errors.Is(err, context.Canceled) || f.Conn() != nil {
			t.Errorf("Adopt = %v, with the database %v; want %v, and the database left to the sync", err, f.Conn(), context.Canceled)
		}
		db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 10 * time.Second, NoFreelistSync: true})
		must(t, err)
		must(t, db.Close())
	}
	if stops == 0 {
		t.Error("no Adopt stopped; want some")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

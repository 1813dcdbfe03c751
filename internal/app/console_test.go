package app

import (
	"context"
	"crypto/rand"
	"sync"
	"testing"
	"time"

	"pagesession/storage"
	"pagesession/storage/record"
)

// Operators' sessions of an older version have no subject. They end at the start, also if
// there is more than one page of them; others live on.
func TestOpenConsole_EndsSessionsWithoutSubject(t *testing.T) {
	s, err := storage.Open(storage.Config{Database: t.TempDir() + "/console.db"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	const older = record.MaxLimit + 10
	var all sync.WaitGroup
	create := func(subject string) record.Key {
		k := record.KeyOf(rand.Text())
		all.Go(func() {
			c := record.Content{Value: []byte("value"), Subject: subject, Idle: time.Hour}
			if _, err := s.Sessions().Create(context.Background(), k, c, 0); err != nil {
				t.Error(err)
			}
		})
		return k
	}
	kept := create("1")
	for range older {
		create("")
	}
	all.Wait()
	if err := (fileOperators{s}).endOlder(); err != nil {
		t.Fatal(err)
	}
	if n, rec := s.Stats().Sessions, s.Peek(kept); n != 1 || rec.State != record.Live {
		t.Errorf("%d sessions are left, that with a subject is %v; want it alone", n, rec.State)
	}
}

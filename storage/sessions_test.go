package storage_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/session/storetest"
	"pagesession/storage"
	"pagesession/storage/record"
)

func openSessions(t *testing.T) storage.Sessions {
	t.Helper()
	cfg := testConfig(t, nil)
	cfg.Database, cfg.MaxValueBytes = memoryDir(t)+"/sessions.db", 100
	return open(t, cfg).Sessions()
}

// A change is made from a version. Every change gives the record another version,
// also when two changes are in one commit.
func TestSessions_ConflictingChanges(t *testing.T) {
	s, ctx := openSessions(t), context.Background()
	k, to := record.KeyOf("one"), record.KeyOf("two")
	first, err := s.Create(ctx, k, record.Content{Value: []byte("1"), Idle: time.Minute}, time.Hour)
	if err != nil || first.State != record.Live || first.Version == 0 || first.AbsoluteRemaining == 0 {
		t.Fatalf("Create() = %+v, %v; want a live session of a version", first, err)
	}
	if refreshed, _ := s.Refresh(ctx, k); refreshed.Version != first.Version {
		t.Errorf("version after Refresh() = %d; want %d still", refreshed.Version, first.Version)
	}
	won := make(chan error)
	for range 8 {
		go func() {
			_, err := s.Replace(ctx, k, first.Version, record.Content{Value: []byte("2"), Idle: time.Minute})
			won <- err
		}()
	}
	made := 0
	for range 8 {
		switch err := <-won; {
		case err == nil:
			made++
		case !errors.Is(err, record.ErrConflict):
			t.Errorf("Replace() = %v; want ErrConflict", err)
		}
	}
	if made != 1 {
		t.Errorf("%d changes of one version succeeded; want 1", made)
	}
	if _, err := s.Rotate(ctx, k, to, first.Version, record.Content{Value: []byte("3")}); !errors.Is(err, record.ErrConflict) {
		t.Errorf("Rotate() = %v; want ErrConflict", err)
	}
	if rec, _ := s.Peek(ctx, k); rec.State != record.Live || rec.Value != "2" {
		t.Errorf("Peek() after a refused rotation = %+v; want the session as it was", rec)
	}
	moved, err := s.Rotate(ctx, k, to, 0, record.Content{Value: []byte("3"), Idle: time.Minute})
	if err != nil || moved.Value != "3" {
		t.Errorf("Rotate() of any version = %+v, %v; want the session under its new key", moved, err)
	}
	if _, err := s.Replace(ctx, k, 0, record.Content{Value: []byte("4")}); !errors.Is(err, record.ErrEnded) {
		t.Errorf("Replace() under the old key = %v; want ErrEnded", err)
	}
}

func TestSessions_Errors(t *testing.T) {
	s, ctx := openSessions(t), context.Background()
	k := record.KeyOf("one")
	if _, err := s.Create(ctx, k, record.Content{Value: make([]byte, 101)}, 0); !errors.Is(err, record.ErrFull) {
		t.Errorf("Create() of a value that is too large = %v; want ErrFull", err)
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Create(done, k, record.Content{Value: []byte("1")}, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("Create() with a context that is done = %v; want its error", err)
	}
	if _, err := s.Create(ctx, k, record.Content{Value: []byte("1")}, 0); err != nil {
		t.Errorf("Create() after a cancelled one = %v; want nil", err)
	}
	if _, err := s.Create(ctx, k, record.Content{Value: []byte("1")}, 0); !errors.Is(err, record.ErrEnded) {
		t.Errorf("Create() under a used key = %v; want ErrEnded", err)
	}
}

// The promises of session.Store.
func TestSessions_KeepThePromises(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		clock := testkit.ClockAt(time.Date(2026, time.November, 28, 12, 0, 0, 0, time.UTC))
		s := open(t, testConfig(t, clock))
		return storetest.Harness{Store: s.Sessions(), Advance: clock.Advance}
	})
}

// The only session of a subject is rotated all the time. EndSubject finds it under
// one key or the other.
func TestSessions_EndSubjectAgainstRotation(t *testing.T) {
	rounds := 1000
	if testing.Short() {
		rounds = 200
	}
	s, ctx := openSessions(t), context.Background()
	content := record.Content{Value: []byte("1"), Subject: "ada", Idle: time.Minute}
	for range rounds {
		k := record.KeyOf(rand.Text())
		if _, err := s.Create(ctx, k, content, 0); err != nil {
			t.Fatal(err)
		}
		begun, done := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			for first := true; ; first = false {
				to := record.KeyOf(rand.Text())
				_, err := s.Rotate(ctx, k, to, 0, content)
				if first {
					close(begun)
				}
				if err != nil {
					return
				}
				k = to
			}
		}()
		<-begun
		n, err := s.EndSubject(ctx, "ada", record.Revoked)
		if rows, _ := s.OfSubject(ctx, "ada"); n != 1 || err != nil || len(rows) != 0 {
			t.Fatalf("EndSubject() = %d, %v and leaves %d sessions; want 1, nil, 0", n, err, len(rows))
		}
		<-done
	}
}

// Ended and expired sessions leave nothing in memory.
func TestSessions_SubjectsAreForgotten(t *testing.T) {
	clock := testkit.NewClock()
	storage := open(t, testConfig(t, clock))
	s, ctx := storage.Sessions(), context.Background()
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			for j := range 50 {
				k := record.KeyOf(rand.Text())
				c := record.Content{Value: []byte("1"), Subject: fmt.Sprint("subject ", i, j), Idle: time.Minute}
				if _, err := s.Create(ctx, k, c, 0); err != nil {
					t.Error(err)
				}
				if j%2 == 0 {
					_, _ = s.End(ctx, k, record.Deleted)
				}
			}
		})
	}
	all.Wait()
	if n := storage.Subjects(); n != 64*25 {
		t.Errorf("%d subjects are known; want those of the live sessions, %d", n, 64*25)
	}
	clock.Advance(time.Minute)
	storage.Sweep()
	if n := storage.Subjects(); n != 0 {
		t.Errorf("%d subjects are known after their sessions expired; want none", n)
	}
}

// Subjects survive a restart. Sessions that an older version wrote have none.
func TestSessions_SubjectsSurviveARestart(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	s, ctx := open(t, cfg), context.Background()
	k, none := record.KeyOf("one"), record.KeyOf("none")
	long := strings.Repeat("\x00é", record.MaxSubject/3)
	for key, subject := range map[record.Key]string{k: long, none: ""} {
		if _, err := s.Sessions().Create(ctx, key, record.Content{Value: []byte("1"), Subject: subject}, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Replace(context.Background(), k, []byte("2"), 0); err != nil { // this method keeps the subject
		t.Fatal(err)
	}
	s = reopen(t, s, cfg)
	rows, err := s.Sessions().OfSubject(ctx, long)
	if err != nil || len(rows) != 1 || rows[0].Key != k || string(rows[0].Value) != "2" {
		t.Errorf("OfSubject() after a restart = %+v, %v; want the session", rows, err)
	}
	if row := s.Find(none.Handle()); row.State != record.Live || row.Subject != "" {
		t.Errorf("Find() = %+v; want a live session without a subject", row)
	}
	if page := s.List(record.Query{Order: record.ByHandle}); len(page.Rows) != 2 || page.Rows[0].Subject+page.Rows[1].Subject != long {
		t.Errorf("List() = %+v; want both, one with its subject", page.Rows)
	}
	if _, err := s.Sessions().Create(ctx, record.KeyOf("x"), record.Content{Subject: long + long}, 0); !errors.Is(err, record.ErrFull) {
		t.Errorf("Create() with a subject that is too long = %v; want ErrFull", err)
	}
}

func TestSessions_WaitEndsWithTheStorage(t *testing.T) {
	s, err := storage.Open(testConfig(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	k := record.KeyOf("one")
	if err := s.Create(context.Background(), k, []byte("1"), record.Lifetime{}); err != nil {
		t.Fatal(err)
	}
	answer := make(chan error, 1)
	go func() {
		_, err := s.Sessions().Wait(context.Background(), k)
		answer <- err
	}()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-answer; !errors.Is(err, storage.ErrClosed) {
		t.Errorf("Wait() = %v; want ErrClosed", err)
	}
}

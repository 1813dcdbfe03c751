package index

import (
	"sync/atomic"
	"testing"

	"pagesession/internal/testkit"
	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// A session that is being rotated is always under one of its keys; EndSubject relies
// on it.
func TestSubjects_RotationIsNeverBetweenKeys(t *testing.T) {
	x := New(1000, clock.NewTimeline(testkit.NewClock(), nil))
	keys := [2]record.Key{{0: 1}, {0: 2}}
	session := func(i int) *entry.Entry { return &entry.Entry{Key: keys[i%2], Subject: "ada"} }
	x.Insert(session(0))
	var looked atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		for looked.Add(1) < 300_000 && !t.Failed() {
			if len(x.KeysOf("ada")) == 0 {
				t.Error("a subject's only session is under none of its keys")
			}
		}
	}()
	for i := 0; looked.Load() < 300_000 && !t.Failed(); i++ {
		if done, _ := x.Rotate(&keys[i%2], session(i+1), 0); !done {
			t.Fatal("Rotate() = false; want true")
		}
	}
	<-done
	if n := x.Subjects(); n != 1 {
		t.Errorf("%d subjects; want 1", n)
	}
}

// A number is used again only when all have been used, and 0 never.
func TestSubjects_NumbersWrap(t *testing.T) {
	var s subjects
	first := s.join("first", record.Key{})
	s.last = 1<<32 - 2
	if n := s.join("last", record.Key{}); n != 1<<32-1 {
		t.Errorf("number %d; want the last", n)
	}
	if n := s.join("next", record.Key{}); n == 0 || n == first || s.nameOf(n) != "next" {
		t.Errorf("number %d after the last; want one that is free", n)
	}
	if n := s.join("", record.Key{}); n != 0 || s.nameOf(0) != "" {
		t.Errorf("the number of no subject is %d; want 0", n)
	}
}

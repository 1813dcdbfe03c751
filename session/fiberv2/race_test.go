package fiberv2_test

import (
	"runtime"
	"sync"
	"testing"
	"time"
	"unsafe"

	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/session"
	"pagesession/storage/record"
)

// unsafeString returns a string in a buffer that changes, like Fiber's own.
func unsafeString(b []byte) string { return unsafe.String(&b[0], len(b)) }

func count(s *fibersession.Session) error {
	n, _ := s.Get("n").(int)
	s.Set("n", n+1)
	return nil
}

func TestUpdate_TabsLoseNoWrite(t *testing.T) {
	const tabs, each = 8, 100
	k := newKit(t)
	id := k.start()
	var all sync.WaitGroup
	for tab := range tabs {
		all.Go(func() {
			for range each {
				change := k.Update
				if tab%2 == 0 {
					change = k.Start
				}
				if _, err := change(k.request(id), count); err != nil {
					t.Errorf("change = %v; want nil", err)
				}
				k.Refresh(k.request(id))
			}
		})
	}
	all.Wait()
	if got := k.Peek(k.request(id)).Values.Get("n"); got != tabs*each {
		t.Errorf("n = %v; want %d", got, tabs*each)
	}
}

// A rotation under way must not lose an update that ran before it.
func TestRotate_LosesNoWrite(t *testing.T) {
	k := newKit(t)
	for range 100 {
		id := k.start()
		var all sync.WaitGroup
		var updated, rotated session.View
		var updateErr, rotateErr error
		k.store.before["Rotate"] = func() { // the rotation has already read the value
			all.Go(func() { updated, updateErr = k.Update(k.request(id), count) })
			for range 200 {
				runtime.Gosched()
			}
		}
		rotated, rotateErr = k.Rotate(k.request(id))
		all.Wait()
		if rotateErr != nil {
			t.Fatalf("Rotate() = %v; want nil", rotateErr)
		}
		if updateErr == nil && rotated.Values.Get("n") != updated.Values.Get("n") {
			t.Fatalf("Rotate() = %v after Update() = %v", rotated.Values, updated.Values)
		}
	}
}

// A session that was ended stays ended, whatever else runs.
func TestEnd_AgainstUpdate(t *testing.T) {
	k := newKit(t)
	for range 300 {
		id := k.start()
		var all sync.WaitGroup
		all.Go(func() { _, _ = k.Update(k.request(id), count) })
		all.Go(func() { k.Refresh(k.request(id)) })
		all.Go(func() {
			if err := k.End(k.request(id)); err != nil {
				t.Errorf("End() = %v; want nil", err)
			}
		})
		all.Wait()
		if v := k.Peek(k.request(id)); v.State != record.Ended {
			t.Fatalf("Peek() after End() = %v; want ended", v.State)
		}
	}
}

// A change of one session does not wait for a change of another.
func TestUpdate_SessionsDoNotWaitForEachOther(t *testing.T) {
	k := newKit(t)
	one, other := k.start(), k.start()
	_, err := k.Update(k.request(one), func(*fibersession.Session) error {
		done := make(chan error, 1)
		go func() {
			_, err := k.Update(k.request(other), count)
			done <- err
		}()
		select {
		case err := <-done:
			return err
		case <-time.After(10 * time.Second):
			t.Error("the other session's Update waits")
			return nil
		}
	})
	if err != nil {
		t.Errorf("Update() = %v; want nil", err)
	}
}

package storage_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"pagesession/storage"
	"pagesession/storage/record"
)

// TestRace_List lists while sessions are created, used, changed and ended. Every list
// has each session that is live all the time, once, and no session whose end was
// answered before the list began.
func TestRace_List(t *testing.T) {
	cfg := storage.Config{RefuseEnded: true, Database: memoryDir(t) + "/sessions.db", SweepInterval: 20 * ms, Logger: testLogger(t)}
	s := open(t, cfg)
	const n = 400
	stay := map[record.Handle]bool{}
	var keys []record.Key
	for i := range n {
		k := mustCreate(t, s, fmt.Sprint("stay", i), record.Lifetime{Idle: time.Hour})
		stay[k.Handle()], keys = true, append(keys, k)
	}
	stop := make(chan struct{})
	var all sync.WaitGroup
	loop := func(f func(i int)) {
		all.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
					f(i)
				}
			}
		})
	}
	loop(func(i int) { s.Refresh(keys[i%n]) })
	loop(func(i int) { _ = s.Replace(context.Background(), keys[i%n], fmt.Append(nil, i), time.Hour) })
	loop(func(i int) {
		_ = s.Create(context.Background(), record.KeyOf(fmt.Sprint("short", i)), []byte("x"), record.Lifetime{Idle: 2 * ms})
	})
	for order := range record.ByHandle + 1 {
		loop(func(i int) {
			k := record.KeyOf(fmt.Sprint("ended", order, i))
			_ = s.Create(context.Background(), k, []byte("x"), record.Lifetime{Idle: time.Hour})
			if _, err := s.EndMany(context.Background(), []record.Key{k}, record.Revoked); err != nil {
				t.Error(err)
			}
			checkList(t, s, order, k.Handle(), stay)
		})
	}
	time.AfterFunc(time.Second, func() { close(stop) })
	all.Wait()
	total := uint32(0)
	for _, r := range s.List(record.Query{Limit: n}).Rows {
		total += r.Refreshes
	}
	if st := s.Stats(); uint64(total) != st.Refreshes {
		t.Errorf("the rows count %d refreshes; want %d: a change lost some", total, st.Refreshes)
	}
}

func checkList(t *testing.T, s *storage.Storage, order record.Order, ended record.Handle, stay map[record.Handle]bool) {
	seen := map[record.Handle]bool{}
	for _, r := range s.List(record.Query{Order: order, Limit: record.MaxLimit}).Rows {
		if r.Handle == ended {
			t.Errorf("order %d: an ended session is listed as live", order)
		}
		if seen[r.Handle] {
			t.Errorf("order %d: %v is listed twice", order, r.Handle)
		}
		seen[r.Handle] = true
	}
	if order == record.ByUsed || order == record.ByRemaining {
		return // the other sessions may fill the page
	}
	for h := range stay {
		if order == record.ByCreated && !seen[h] {
			t.Errorf("order %d: %v is missing", order, h)
		}
	}
}

package storage_test

import (
	"errors"
	"os"
	"time"

	"pagesession/storage"
	"pagesession/storage/record"
)

// crash opens what the file holds at this moment, as a killed process would leave
// it.
func (m *model) crash() {
	m.heal() // what a crash while detached may undo, the crash tests judge
	b, err := os.ReadFile(m.cfg.Database)
	m.want("ReadFile", err, nil)
	cfg := m.cfg
	cfg.Database += ".crashed"
	m.want("WriteFile", os.WriteFile(cfg.Database, b, 0o600), nil)
	s, err := storage.Open(cfg)
	m.want("Open after a crash", err, nil)
	for _, id := range m.refused {
		if r := s.Peek(record.KeyOf(id)); r.State != record.None {
			m.t.Fatalf("after a crash %s, whose creation got ErrUnavailable, is %v", id, r.State)
		}
	}
	for id, x := range m.all {
		r := s.Peek(record.KeyOf(id))
		least, most := x.deadline(x.durable)-m.now(), x.deadline(x.used)-m.now()
		switch {
		case r.State == record.Live && (!x.live(m.now()) || string(r.Value) != x.value):
			m.t.Fatalf("after a crash %s is live with %q; want %q, live: %v", id, r.Value, x.value, x.live(m.now()))
		case r.State != record.Live && x.why == record.NoReason && least > 0:
			m.t.Fatalf("after a crash %s is not live; want live, %v left", id, least)
		case r.Remaining > 0 && (r.Remaining > most || r.Remaining < least):
			m.t.Fatalf("after a crash %s has %v left; want %v to %v", id, r.Remaining, least, most)
		}
		m.compareReported(s, id)
	}
	m.want("Close", s.Close(), nil)
}

// compareReported checks that a session which was reported as ended before a crash
// is ended after it. The file has to know the end if it was a change or if a Sync
// came after it.
func (m *model) compareReported(s *storage.Storage, id string) {
	x := m.all[id]
	why, at := x.reason()
	if x.live(m.now()) || m.now()-at >= 10*time.Minute || !x.reported && x.why == record.NoReason {
		return
	}
	if r := s.Peek(record.KeyOf(id)); r.State != record.Ended || r.Reason != why {
		m.t.Fatalf("after a crash %s = status %v, reason %v; want Ended, %v, %v ago", id, r.State, r.Reason, why, m.now()-at)
	}
	if err := s.Set(id, []byte("revived"), time.Hour); m.cfg.RefuseEnded && !errors.Is(err, storage.ErrEnded) {
		m.t.Fatalf("after a crash Set of %s, which ended %v before = %v; want ErrEnded", id, m.now()-at, err)
	}
}

package control

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"pagesession/session"
	"pagesession/storage/record"
)

// unsynced are visitors whose ends are in memory only.
type unsynced struct{ *visitors }

func later(err error) error { return errors.Join(err, fmt.Errorf("%w: disk", session.ErrNotDurable)) }

func (v unsynced) End(ctx context.Context, k record.Key, why record.Reason) (bool, error) {
	ok, err := v.visitors.End(ctx, k, why)
	return ok, later(err)
}

func (v unsynced) EndMany(ctx context.Context, keys []record.Key, why record.Reason) (int, error) {
	n, err := v.visitors.EndMany(ctx, keys, why)
	return n, later(err)
}

func (v unsynced) EndAll(ctx context.Context, why record.Reason) (int, error) {
	n, err := v.visitors.EndAll(ctx, why)
	return n, later(err)
}

// An end that the disk does not know yet is done and audited, and the result says so.
// Through a server, too.
func TestOperations_NotOnDisk(t *testing.T) {
	dir := t.TempDir()
	stores := openStores(t, dir)
	one, two, three := live(0xab, 0xcd), live(0xef), live(0x12)
	stores.Visitors = unsynced{&visitors{rows: []record.Row{one, two, three}, room: -1}}
	start(t, dir, stores)
	c := &Client{Dir: dir, Actor: "root", Files: noFiles}
	if s, err := EndSession.Run(t.Context(), c, SessionName{"abcd"}); err != nil || !s.NotOnDisk {
		t.Errorf("EndSession() = %+v, %v; want not on disk, nil", s, err)
	}
	ended, err := EndSessions.Do(t.Context(), stores, commandLine("root"), []record.Handle{two.Handle})
	if err != nil || ended.Count != 1 || !ended.NotOnDisk || ended.Rest != nil {
		t.Errorf("EndSessions() = %+v, %v; want 1, not on disk, nil", ended, err)
	}
	if n, err := EndAllSessions.Run(t.Context(), c, All{}); err != nil || n != (Count{Count: 1, NotOnDisk: true}) {
		t.Errorf("EndAllSessions() = %+v, %v; want 1, not on disk, nil", n, err)
	}
	if n, err := ClearSessions.Run(t.Context(), c, All{}); err != nil || n.NotOnDisk {
		t.Errorf("ClearSessions() = %+v, %v; want nothing about the disk", n, err)
	}
}

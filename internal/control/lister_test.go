package control

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pagesession/internal/account"
	testredis "pagesession/internal/testkit/redis"
	"pagesession/session"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// A session server lists only some ways, and says what to do instead. Through a server, too.
func TestListSessions_ByPosition(t *testing.T) {
	dir := t.TempDir()
	stores := openStores(t, dir)
	stores.Visitors = &visitors{rows: []record.Row{live(0xab, 0xcd)}, byPosition: true}
	start(t, dir, stores)
	c := &Client{Dir: dir, Actor: "root", Files: noFiles}
	for want, q := range map[string]SessionQuery{
		"--state ended is not offered by a session server, which lists live sessions only": {State: "ended"},
		"--state all is not offered":                             {State: "all"},
		"--sort -used is not offered by a session server, which": {Sort: "-used"},
		"--offset 3 is not offered by a session server, which":   {Offset: 3},
	} {
		if _, err := ListSessions.Run(t.Context(), c, q); !errors.Is(err, ErrQuery) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("ListSessions(%+v) = %v; want %s", q, err, want)
		}
	}
	list, err := ListSessions.Run(t.Context(), c, SessionQuery{Sort: "-created", State: "live", From: record.Position{Created: 5}.String()})
	if err != nil || !list.ByPosition || len(list.Sessions) != 1 {
		t.Errorf("ListSessions = %+v, %v; want the session, by position", list, err)
	}
	if _, err := ListSessions.Run(t.Context(), c, SessionQuery{From: "elsewhere"}); !errors.Is(err, ErrRequest) {
		t.Errorf("ListSessions from elsewhere = %v; want %v", err, ErrRequest)
	}
	stores.Visitors.(*visitors).byPosition = false
	if _, err := ListSessions.Run(t.Context(), c, SessionQuery{From: record.Position{Created: 5}.String()}); !errors.Is(err, ErrQuery) {
		t.Errorf("ListSessions of a file, from a position = %v; want %v", err, ErrQuery)
	}
}

// A store that cannot answer is never a session that is missing.
func TestSessions_Unavailable(t *testing.T) {
	stores := openStores(t, t.TempDir())
	v := &visitors{rows: []record.Row{live(0xab, 0xcd)}, room: -1, away: fmt.Errorf("down: %w", session.ErrUnavailable)}
	stores.Visitors = v
	whole := v.rows[0].Handle
	_, list := ListSessions.Do(t.Context(), stores, commandLine("root"), SessionQuery{})
	_, short := ShowSession.Do(t.Context(), stores, commandLine("root"), SessionName{"abcd"})
	_, long := ShowSession.Do(t.Context(), stores, commandLine("root"), SessionName{whole.String()})
	_, end := EndSession.Do(t.Context(), stores, commandLine("root"), SessionName{"abcd"})
	_, many := EndSessions.Do(t.Context(), stores, commandLine("root"), []record.Handle{whole})
	_, clear := ClearSessions.Do(t.Context(), stores, commandLine("root"), All{})
	for name, err := range map[string]error{"list": list, "show": short, "show by a handle": long, "end": end, "end several": many, "clear": clear} {
		if !errors.Is(err, session.ErrUnavailable) {
			t.Errorf("%s = %v; want %v", name, err, session.ErrUnavailable)
		}
	}
	if v.rows[0].State != record.Live {
		t.Error("the session has ended")
	}
}

// An end that cannot be checked any more is in the audit log.
func TestEndSessions_UnavailableThen(t *testing.T) {
	stores := openStores(t, t.TempDir())
	v := &visitors{rows: []record.Row{live(1), live(2), live(3)}, room: 2}
	v.after = func() { v.away = session.ErrUnavailable }
	stores.Visitors = v
	all := []record.Handle{live(1).Handle, live(2).Handle, live(3).Handle}
	ended, err := EndSessions.Do(t.Context(), stores, commandLine("root"), all)
	if err != nil || ended.Count != 2 || len(ended.Handles) != 3 || ended.Rest == nil {
		t.Errorf("EndSessions = %+v, %v; want two, all three audited, and why the rest lives", ended, err)
	}
}

// The operations work on sessions in Redis.
func TestSessions_OnRedis(t *testing.T) {
	store, err := redis.Open(t.Context(), redis.Config{Addresses: []string{testredis.New(t).Addr}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	stores := openStores(t, t.TempDir())
	stores.Visitors = ServerSessions{store}
	var handles []record.Handle
	for i := range 7 {
		k := record.KeyOf(fmt.Sprint(i))
		if _, err := store.Create(t.Context(), k, record.Content{Idle: session.DefaultConfig().IdleTimeout}, 0); err != nil {
			t.Fatal(err)
		}
		handles = append(handles, k.Handle())
	}
	listed := map[string]bool{}
	for q, more := (SessionQuery{Limit: 3, Sort: "-created"}), true; more; {
		list, err := ListSessions.Do(t.Context(), stores, commandLine("root"), q)
		if err != nil || list.Total != 7 {
			t.Fatalf("ListSessions = %+v, %v; want a page of seven", list, err)
		}
		for _, s := range list.Sessions {
			listed[s.Handle] = true
		}
		q.From, more = list.Next, list.Next != ""
	}
	if len(listed) != 7 {
		t.Errorf("the pages have %d sessions; want 7", len(listed))
	}
	first := handles[0].String()
	if s, err := ShowSession.Do(t.Context(), stores, commandLine("root"), SessionName{first[:8]}); err != nil || s.Handle != first || s.Living == nil {
		t.Errorf("ShowSession(%s) = %+v, %v; want the session", first[:8], s, err)
	}
	if s, err := EndSession.Do(t.Context(), stores, commandLine("root"), SessionName{first[:8]}); err != nil || s.Handle != first {
		t.Errorf("EndSession(%s) = %+v, %v; want it ended", first[:8], s, err)
	}
	if s, err := ShowSession.Do(t.Context(), stores, commandLine("root"), SessionName{first}); err != nil || s.Reason != "revoked" {
		t.Errorf("ShowSession(%s) = %+v, %v; want revoked", first, s, err)
	}
	if _, err := ShowSession.Do(t.Context(), stores, commandLine("root"), SessionName{first[:8]}); !errors.Is(err, ErrNoSession) || !strings.Contains(err.Error(), "needs all 32 digits") {
		t.Errorf("ShowSession(%s) after its end = %v; want how to see it", first[:8], err)
	}
	if _, err := EndSession.Do(t.Context(), stores, commandLine("root"), SessionName{first}); !errors.Is(err, ErrEnded) {
		t.Errorf("EndSession(%s) again = %v; want %v", first, err, ErrEnded)
	}
	if ended, err := EndSessions.Do(t.Context(), stores, commandLine("root"), handles[:3]); err != nil || ended.Count != 2 || len(ended.Handles) != 2 {
		t.Errorf("EndSessions = %+v, %v; want two", ended, err)
	}
	if n, err := ClearSessions.Do(t.Context(), stores, commandLine("root"), All{}); err != nil || n.Count != 0 {
		t.Errorf("ClearSessions = %+v, %v; want none expired", n, err)
	}
	if n, err := EndAllSessions.Do(t.Context(), stores, commandLine("root"), All{}); err != nil || n.Count != 4 {
		t.Errorf("EndAllSessions = %+v, %v; want 4", n, err)
	}
}

// What a session server has ended before it failed is in the audit log.
func TestEndAllSessions_Partly(t *testing.T) {
	stores := openStores(t, t.TempDir())
	stores.Visitors = failsMidway{&visitors{rows: []record.Row{live(1), live(2)}}}
	n, err := EndAllSessions.Do(t.Context(), stores, commandLine("root"), All{})
	if err != nil || n.Count != 1 || !strings.Contains(n.Rest, "down") {
		t.Errorf("EndAllSessions = %+v, %v; want one, and why the rest lives", n, err)
	}
	page, err := stored(stores).Entries(t.Context(), account.EntryQuery{Kind: account.KindSession})
	if err != nil || len(page.Entries) != 1 || page.Entries[0].Count != 1 {
		t.Errorf("the audit log has %+v, %v; want the end of one", page.Entries, err)
	}
}

// failsMidway is a session server that fails after it has ended one session.
type failsMidway struct{ *visitors }

func (failsMidway) EndAll(context.Context, record.Reason) (int, error) {
	return 1, fmt.Errorf("down: %w", session.ErrUnavailable)
}

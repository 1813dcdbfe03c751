package servers

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// A fake is a board in memory, by the clock of the test.
type fake struct {
	mu    sync.Mutex // protects the fields below
	away  bool
	list  []redis.Member       // Left is not used
	until map[string]time.Time // of members and of values
	kept  map[string]string
}

func newFake() *fake { return &fake{until: map[string]time.Time{}, kept: map[string]string{}} }

// enter locks the board and lets lapse what has lapsed.
func (f *fake) enter() error {
	f.mu.Lock()
	gone := func(id string) bool { return !time.Now().Before(f.until[id]) }
	f.list = slices.DeleteFunc(f.list, func(m redis.Member) bool { return gone("m" + m.ID) })
	for name := range f.kept {
		if gone("k" + name) {
			delete(f.kept, name)
		}
	}
	if f.away {
		return record.ErrUnavailable
	}
	return nil
}

func (f *fake) Announce(_ context.Context, m redis.Member) ([]redis.Member, error) {
	err := f.enter()
	defer f.mu.Unlock()
	if err != nil {
		return nil, err
	}
	f.list = slices.DeleteFunc(f.list, func(other redis.Member) bool { return other.ID == m.ID })
	f.list, f.until["m"+m.ID] = append(f.list, m), time.Now().Add(redis.MemberStays)
	return f.members(), nil
}

func (f *fake) members() []redis.Member {
	list := slices.Clone(f.list)
	for i := range list {
		list[i].Left = time.Until(f.until["m"+list[i].ID])
	}
	return list
}

func (f *fake) Members(context.Context) ([]redis.Member, error) {
	err := f.enter()
	defer f.mu.Unlock()
	return f.members(), err
}

func (f *fake) Withdraw(_ context.Context, id string) error {
	err := f.enter()
	defer f.mu.Unlock()
	if err == nil {
		f.until["m"+id] = time.Time{}
	}
	return err
}

func (f *fake) Keep(_ context.Context, name, value string, stays time.Duration) (string, error) {
	err := f.enter()
	defer f.mu.Unlock()
	if err != nil {
		return "", err
	}
	if kept := f.kept[name]; kept != "" && kept != value {
		return kept, nil
	}
	f.kept[name], f.until["k"+name] = value, time.Now().Add(stays)
	return value, nil
}

func (f *fake) Kept(_ context.Context, name string) (string, error) {
	err := f.enter()
	defer f.mu.Unlock()
	return f.kept[name], err
}

func (f *fake) Drop(_ context.Context, name, value string) (bool, error) {
	err := f.enter()
	defer f.mu.Unlock()
	had := err == nil && f.kept[name] == value
	if had {
		delete(f.kept, name)
	}
	return had, err
}

func (f *fake) setAway(away bool) {
	_ = f.enter()
	defer f.mu.Unlock()
	f.away = away
}

// A running is a server of a test.
type running struct {
	*Group
	log  testkit.Log
	info atomic.Pointer[Info] // what it tells of itself
}

// good is a server that matches others like it.
func good(name string) Info {
	return Info{
		Name: name, Version: "v1", Started: time.Now(), Key: "key", Accounts: "accounts",
		Settings: map[string]string{"idle-timeout": "20s"}, Rates: map[string]float64{"refreshes": 2},
	}
}

// join starts a server, which the caller closes.
func join(t *testing.T, f *fake, info Info) (*running, error) {
	t.Helper()
	r := &running{}
	r.info.Store(&info)
	g, err := Join(t.Context(), Config{Board: f, Info: func() Info { return *r.info.Load() }, Logger: slog.New(slog.NewTextHandler(&r.log, nil))})
	r.Group = g
	return r, err
}

// joined is join for a server that must not be refused, and is closed at the test's end.
func joined(t *testing.T, f *fake, info Info) *running {
	t.Helper()
	r, err := join(t, f, info)
	if err != nil {
		t.Fatalf("%s: Join = %v", info.Name, err)
	}
	return r
}

// refused joins and holds that it is refused with these words, and soon.
func refused(t *testing.T, f *fake, info Info, words ...string) {
	t.Helper()
	begun := time.Now()
	_, err := join(t, f, info)
	for _, part := range words {
		if err == nil || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: Join = %v; want one line with %q", info.Name, err, part)
		}
	}
	if list, err := f.Members(t.Context()); err != nil || len(list) > 1 {
		t.Errorf("%s: %d servers are announced, %v; want that it left nothing", info.Name, len(list), err)
	}
	if took := time.Since(begun); took > lapseTime {
		t.Errorf("%s: the refusal took %v", info.Name, took)
	}
}

// kill ends a server without a trace of its end on the board.
func (r *running) kill() {
	r.stop()
	r.done.Wait()
}

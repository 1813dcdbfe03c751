package control

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
	"pagesession/session"
	"pagesession/storage/record"
)

// password is one that the validators let pass.
const password = "a perfectly fine one"

// openStores returns real accounts, in a new folder, and fake visitors.
func openStores(t *testing.T, dir string) Stores {
	t.Helper()
	accounts, err := account.Open(t.Context(), account.Config{Path: filepath.Join(dir, "accounts.sqlite"), Logger: slog.New(slog.DiscardHandler), CheapHashes: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = accounts.Close() })
	return Stores{Accounts: accounts, Visitors: &visitors{}}
}

// stored returns the accounts of openStores, with the methods that operations do without.
func stored(stores Stores) *account.Store { return stores.Accounts.(*account.Store) }

// start runs a server for a folder until the test ends, and returns its log.
func start(t *testing.T, dir string, stores Stores) (*Server, *testkit.Log) {
	t.Helper()
	log := new(testkit.Log)
	s, err := Start(dir, stores, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s, log
}

// stop shuts down an idle server. It may be called again.
func stop(t *testing.T, s *Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown() = %v", err)
	}
}

// noFiles is Client.Files for clients that must use the server.
func noFiles(context.Context, Need) (Stores, func() error, error) {
	return Stores{}, nil, errors.New("the files were opened")
}

// files returns a Client.Files with these stores.
func files(stores Stores) func(context.Context, Need) (Stores, func() error, error) {
	return func(context.Context, Need) (Stores, func() error, error) {
		return stores, func() error { return nil }, nil
	}
}

// visitors is a Lister with a test's sessions.
type visitors struct {
	mu   sync.Mutex // protects all
	rows []record.Row
	fail error // of ends
	away error // of List and Find
	room int   // of EndMany; below 0 is for all
	hold *holdUp

	after      func() // called when there is no more room
	byPosition bool
}

// holdUp blocks an operation in the middle.
type holdUp struct{ begun, goOn chan struct{} }

func newHoldUp() *holdUp { return &holdUp{make(chan struct{}), make(chan struct{})} }

func (v *visitors) ByPosition() bool { return v.byPosition }

func (v *visitors) List(_ context.Context, q record.Query) (record.Page, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	page := record.Page{At: time.Unix(1e9, 0)}
	for _, row := range v.rows {
		fits := q.States == record.LiveAndEnded || (q.States == record.LiveOnly) == (row.State == record.Live)
		if fits && strings.HasPrefix(row.Handle.String(), strings.ToLower(q.Prefix)) {
			page.Rows = append(page.Rows, row)
		}
	}
	page.Total = len(page.Rows)
	return page, v.away
}

func (v *visitors) Find(_ context.Context, h record.Handle) (record.Row, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.away != nil {
		return record.Row{}, v.away
	}
	for _, row := range v.rows {
		if row.Handle == h {
			return row, nil
		}
	}
	return record.Row{Handle: h}, nil
}

func (v *visitors) FindMany(ctx context.Context, handles []record.Handle) (rows []record.Row, err error) {
	for _, h := range handles {
		row, err := v.Find(ctx, h)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (v *visitors) OfSubject(_ context.Context, subject string) (rows []record.Row, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, row := range v.rows {
		if row.Subject == subject && row.State == record.Live {
			rows = append(rows, row)
		}
	}
	return rows, v.away
}

func (v *visitors) End(_ context.Context, k record.Key, why record.Reason) (bool, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.fail != nil {
		return false, v.fail
	}
	for i := range v.rows {
		if v.rows[i].Key == k && v.rows[i].State == record.Live {
			v.rows[i].State, v.rows[i].Reason = record.Ended, why
			return true, nil
		}
	}
	return false, nil
}

// EndMany ends as many as there is room for.
func (v *visitors) EndMany(_ context.Context, keys []record.Key, why record.Reason) (ended int, err error) {
	for _, k := range keys {
		if ended == v.room {
			if v.after != nil {
				v.after()
			}
			return ended, session.ErrFull
		}
		if ok, _ := v.End(context.Background(), k, why); ok {
			ended++
		}
	}
	return ended, nil
}

func (v *visitors) EndAll(_ context.Context, why record.Reason) (ended int, err error) {
	page, err := v.List(context.Background(), record.Query{})
	if err != nil {
		return 0, err
	}
	for _, row := range page.Rows {
		if ok, err := v.End(context.Background(), row.Key, why); err != nil {
			return ended, err
		} else if ok {
			ended++
		}
	}
	return ended, nil
}

// Sweep waits while a test holds it.
func (v *visitors) Sweep(context.Context) (int, error) {
	if v.hold != nil {
		v.hold.begun <- struct{}{}
		<-v.hold.goOn
	}
	return 7, v.away
}

func (v *visitors) Sync(context.Context) error { return v.fail }

func (v *visitors) RewriteNext() error { return v.fail }

// live returns a live session whose handle begins with these bytes.
func live(begin ...byte) record.Row {
	var k record.Key
	copy(k[:], begin)
	return record.Row{Key: k, Handle: k.Handle(), State: record.Live, Age: time.Minute, Remaining: 5 * time.Second}
}

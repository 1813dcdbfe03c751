package console_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/console"
	"pagesession/internal/health"
	"pagesession/internal/monitor"
	"pagesession/storage"
)

// A fakeDisk has the states that a test gives to both session files.
type fakeDisk struct {
	mu    sync.Mutex // protects state
	state storage.FileState
}

func (d *fakeDisk) set(state storage.FileState) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.state = state
}

func (d *fakeDisk) files() []health.File {
	d.mu.Lock()
	defer d.mu.Unlock()
	st := storage.FileStatus{State: d.state, Path: "/data/sessions.db", Since: time.Date(2026, 11, 28, 20, 15, 0, 0, time.UTC), Cause: errors.New("<input/output error>")}
	visitors := health.Of(st, health.Visitors)
	st.Path = "/data/console.db"
	return []health.File{visitors, health.Of(st, health.Operators)}
}

func openTroubled(t *testing.T) (*fixture, *fakeDisk) {
	t.Helper()
	disk := new(fakeDisk)
	d := openConsole(t, func(cfg *console.Config) { cfg.Files = disk.files })
	d.staff("viewer", account.ViewSession)
	d.staff("newcomer")
	return d, disk
}

// The dashboard of every operator says what is wrong with each file, since when, and
// what to do.
func TestFileBanner_EachState(t *testing.T) {
	d, disk := openTroubled(t)
	for _, state := range []storage.FileState{storage.FileSlow, storage.FileFull, storage.FileDetached} {
		disk.set(state)
		for _, user := range []string{"viewer", "newcomer"} {
			page := d.as(user).get("/admin/").Wants(200, `<div role="status" data-files>`)
			for _, f := range disk.files() {
				page.Wants(200, fmt.Sprintf("<strong>%s is %v</strong> since <time datetime=\"2026-11-28T20:15:00Z\">Nov. 28, 2026, 8:15:00 p.m. UTC</time>", f.Name, state),
					f.Works, f.Refused, f.Do, f.Path+": &lt;input/output error&gt;")
			}
		}
	}
	disk.set(storage.FileOK)
	d.as("viewer").get("/admin/").Wants(200, `<div role="status" data-files></div>`).Lacks("What to do")
}

// The stream changes the banner of an open dashboard, once for each change.
func TestFileBanner_Stream(t *testing.T) {
	d, disk := openTroubled(t)
	d.monitor.add(monitor.Counters{Sessions: 7})
	s := d.as("viewer").watch()
	defer s.close()
	next := func() string { d.monitor.add(monitor.Counters{Sessions: 8}); return s.next() }
	const empty = "event: files\ndata: \"\"\n\n"
	if first := s.next(); !strings.Contains(first, empty) {
		t.Errorf("the first event is %q; want an empty banner in it", first)
	}
	if got := next(); strings.Contains(got, "files") {
		t.Errorf("the stream says %q; want no banner, it is the same", got)
	}
	disk.set(storage.FileDetached)
	if got := next(); !strings.Contains(got, "event: files\ndata: \"\\u003cdiv class=") || !strings.Contains(got, "sessions.db is detached") || strings.Count(got, "\nid: ") != 1 {
		t.Errorf("the stream says %q; want the banner and a sample", got)
	}
	if got := next(); strings.Contains(got, "files") {
		t.Errorf("the stream says %q; want no banner, it is the same", got)
	}
	disk.set(storage.FileOK)
	if got := next(); !strings.Contains(got, empty) {
		t.Errorf("the stream says %q; want an empty banner", got)
	}
}

// The dashboard says that a proxy's headers are ignored, with the setting that helps, and
// so does the stream of a dashboard that is open.
func TestBanner_UntrustedProxy(t *testing.T) {
	var peer string
	var mu sync.Mutex
	set := func(name string) { mu.Lock(); defer mu.Unlock(); peer = name }
	d := openConsole(t, func(cfg *console.Config) {
		cfg.Untrusted = func() string { mu.Lock(); defer mu.Unlock(); return peer }
	})
	d.staff("viewer", account.ViewSession)
	d.staff("newcomer")
	d.monitor.add(monitor.Counters{Sessions: 7})
	d.as("viewer").get("/admin/").Wants(200, `<div role="status" data-files></div>`)
	s := d.as("viewer").watch()
	defer s.close()
	s.next()
	set("172.17.0.1")
	for _, user := range []string{"viewer", "newcomer"} {
		d.as(user).get("/admin/").Wants(200, "Headers of a reverse proxy are ignored.", "172.17.0.1 sends X-Forwarded-For", "<code>--trusted-proxies 172.17.0.1</code>")
	}
	d.monitor.add(monitor.Counters{Sessions: 8})
	if got := s.next(); !strings.Contains(got, "event: files\ndata: ") || !strings.Contains(got, "--trusted-proxies 172.17.0.1") {
		t.Errorf("the stream says %q; want the banner", got)
	}
	set("unix")
	d.as("viewer").get("/admin/").Wants(200, "A peer on the Unix socket sends", "--trusted-proxies unix")
}

package console_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/console"
	"pagesession/internal/monitor"
	"pagesession/internal/servers"
)

// The dashboard names the servers that share the sessions and says whose figures are shown;
// the stream changes the table.
func TestDashboard_Servers(t *testing.T) {
	since := time.Date(2026, 11, 28, 20, 15, 0, 0, time.UTC)
	list := []servers.Server{{Name: "web1", Version: "v1.4.0", Since: since, Refreshes: 12.34}, {Name: "<web2>", Version: "v1.5.0", Since: since, This: true}}
	var mu sync.Mutex
	d := openConsole(t, func(cfg *console.Config) {
		cfg.Servers = func() []servers.Server { mu.Lock(); defer mu.Unlock(); return list }
	})
	d.staff("viewer", account.ViewSession)
	d.staff("newcomer")
	d.monitor.add(monitor.Counters{Sessions: 7})
	d.as("viewer").get("/admin/").Wants(200, `<h2 class="title">Servers</h2>`, "v1.4.0", "12/s",
		`>web1</th>`, `>&lt;web2&gt; <span class="pill">this one</span></th>`, `<time datetime="2026-11-28T20:15:00Z">`,
		"memory and tasks are those of &lt;web2&gt; alone")
	d.as("newcomer").get("/admin/").Lacks("v1.4.0", "web1")
	s := d.as("viewer").watch()
	defer s.close()
	if first := s.next(); !strings.Contains(first, "event: servers\ndata: \"") || !strings.Contains(first, "v1.4.0") {
		t.Errorf("the first event is %q; want the table", first)
	}
	next := func() string { d.monitor.add(monitor.Counters{Sessions: 8}); return s.next() }
	if got := next(); strings.Contains(got, "servers") {
		t.Errorf("the stream says %q; want no table, it is the same", got)
	}
	mu.Lock()
	list = list[1:]
	mu.Unlock()
	if got := next(); !strings.Contains(got, "event: servers\n") || strings.Contains(got, "web1") {
		t.Errorf("the stream says %q; want the table without web1", got)
	}
}

// With sessions in a file there are no other servers, and the page says nothing of them.
func TestDashboard_NoServers(t *testing.T) {
	d := openConsole(t)
	d.staff("viewer", account.ViewSession)
	d.monitor.add(monitor.Counters{Sessions: 7})
	d.as("viewer").get("/admin/").Wants(200, "Live sessions").Lacks("Servers</h2>", "all servers", "data-servers")
	s := d.as("viewer").watch()
	defer s.close()
	if first := s.next(); strings.Contains(first, "event: servers") {
		t.Errorf("the first event is %q; want no table", first)
	}
}

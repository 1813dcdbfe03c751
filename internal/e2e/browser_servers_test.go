package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/control"
	"pagesession/internal/testkit/postgres"
	"pagesession/internal/testkit/redis"
)

// The dashboard of two servers names both, and adds up what both do. When one stops, its row
// goes without a reload. The probe and the command name them, too.
func TestBrowserServers_Dashboard(t *testing.T) {
	t.Parallel()
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("k", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--idle-timeout", "5m", "--secret-key", key, "--accounts", postgres.New(t).Database(t), "--sessions", "redis://" + redis.New(t).Addr}
	one := start(t, append([]string{"--server-name", "web1"}, args...)...)
	two := start(t, append([]string{"--server-name", "web2"}, args...)...)
	b := console(t, one, 4*time.Minute)
	const names = `[...document.querySelectorAll('[data-servers] tbody th')].map((th) => th.textContent).join()`
	b.until("both servers", names+`.split(',').length === 2`)
	b.until("this one", names+`.includes('this one')`)
	id := two.set(named("Pema"))
	stop := make(chan struct{})
	visits := make(chan struct{})
	go func() {
		defer close(visits)
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				_, _ = two.client.Try("GET", "/get/", cookie(id))
			}
		}
	}()
	b.until("the other server's refreshes in the sum", `parseFloat(document.querySelector('dd[data-gauge=refreshes]').textContent) > 1`)
	b.until("the other server's refreshes in its row", `[...document.querySelectorAll('[data-servers] tbody tr')].some((tr) => !tr.textContent.includes('this one') && parseFloat(tr.querySelector('.num').textContent) > 1)`)
	close(stop)
	<-visits
	b.looked("console-servers")
	two.get("/readyz?verbose").Wants(200, "\nservers: web1, web2")
	var st control.Status
	if said := runCommand(two.dir, nil, "status", "--json"); json.Unmarshal([]byte(said.stdout), &st) != nil || len(st.Servers) != 2 {
		t.Errorf("status --json = %+v; want two servers", said)
	}
	if said := runCommand(two.dir, nil, "status"); !strings.Contains(said.stdout, "REFRESHES/S") || !strings.Contains(said.stdout, "The states above are those of server web2,") {
		t.Errorf("status = %+v; want the servers, and which one answers", said)
	}
	two.stop()
	b.until("one server", names+`.split(',').length === 1`)
}

package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/testkit/nginx"
	"pagesession/internal/testkit/postgres"
	"pagesession/internal/testkit/redis"
)

// Several are servers that share Redis and PostgreSQL, behind nginx as deploy/ configures it.
type several struct {
	t       *testing.T
	redis   *redis.Server
	db      *postgres.Server
	servers []*server
	args    []string
	site    *server // as seen through nginx
}

// loopbacks counts the addresses that startSeveral has given away. A server that starts
// again needs its old port, which another program could take on 127.0.0.1.
var loopbacks atomic.Int64

// visitPause is between two requests of a visitor, so that a load leaves processor time to the
// tests beside it.
const visitPause = 10 * time.Millisecond

// oneSeveral lets one test at a time have several servers under load.
var oneSeveral sync.Mutex

// startSeveral starts n servers and nginx. Redis loses nothing when it is killed.
func startSeveral(t *testing.T, n int, args ...string) *several {
	t.Helper()
	oneSeveral.Lock()
	t.Cleanup(oneSeveral.Unlock)
	v := &several{t: t, redis: redis.New(t, "appendonly", "yes", "appendfsync", "always"), db: postgres.New(t)}
	v.args = append([]string{"--sessions", "redis://" + v.redis.Addr, "--accounts", v.db.Database(t), "--trusted-proxies", "127.0.0.1", "--client-creations", "0"}, args...)
	for range n {
		ip := fmt.Sprintf("127.0.1.%d", loopbacks.Add(1))
		ln, err := net.Listen("tcp", ip+":0")
		if err != nil {
			t.Fatal(err)
		}
		addr := ln.Addr().String()
		_ = ln.Close()
		dir := filepath.Join(t.TempDir(), "data")
		v.shareKey(dir)
		v.servers = append(v.servers, v.start(addr, dir))
	}
	v.site = v.through(nginx.Start(t, v.nginx()))
	return v
}

// through returns the first server as seen through a proxy.
func (v *several) through(addr string) *server {
	site := v.servers[0].behind(addr)
	site.client = newClient(v.t)
	site.client.URL = site.url
	return site
}

// shareKey gives a new data folder the secret.key of the first server.
func (v *several) shareKey(dir string) {
	v.t.Helper()
	if len(v.servers) == 0 {
		return
	}
	key, err := os.ReadFile(filepath.Join(v.servers[0].dir, "secret.key"))
	if err == nil {
		err = os.Mkdir(dir, 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "secret.key"), key, 0o600)
	}
	if err != nil {
		v.t.Fatal(err)
	}
}

// start starts a server on an address and a folder, and returns once it is ready.
func (v *several) start(addr, dir string) *server {
	v.t.Helper()
	s := begin(v.t, dir, command(append([]string{"--addr", addr, "--data-dir", dir, "--allowed-hosts", "*"}, v.args...)...), newClient(v.t))
	s.at("http", addr)
	s.faulty = true // the accounts may answer late, which is logged as an error
	s.await("GET /readyz = 200", func() bool {
		r, err := s.client.Try("GET", "/readyz")
		return err == nil && r.StatusCode == 200
	})
	return s
}

// restart stops a server as an upgrade does, and starts it again in its place.
func (v *several) restart(i int) {
	v.t.Helper()
	old := v.servers[i]
	old.stop()
	v.servers[i] = v.start(old.addr, old.dir)
}

// nginx returns deploy/nginx-several.conf for these servers, without TLS.
func (v *several) nginx() nginx.Config {
	v.t.Helper()
	b, err := os.ReadFile("../../deploy/nginx-several.conf")
	if err != nil {
		v.t.Fatal(err)
	}
	conf, _, _ := strings.Cut(string(b), "\nserver {\n\tlisten 80;")
	conf = regexp.MustCompile(`(?m)^\s*(ssl_certificate|#|add_header).*$`).ReplaceAllString(conf, "")
	conf = strings.Replace(conf, "listen 443 ssl", "listen ADDRESS", 1)
	conf = strings.Replace(conf, "server_name pages.example.com;", "", 1)
	line := regexp.MustCompile(`(?m)^\tserver 10\.0\.0\.\d+:8000(.*)$`)
	options := line.FindStringSubmatch(conf)
	if options == nil {
		v.t.Fatal("deploy/nginx-several.conf has no servers")
	}
	var list []string
	for _, s := range v.servers {
		list = append(list, "\tserver "+s.addr+options[1])
	}
	conf = line.ReplaceAllString(conf, "")
	conf = strings.Replace(conf, "upstream pagesession {", "upstream pagesession {\n"+strings.Join(list, "\n"), 1)
	return nginx.Config{HTTP: conf}
}

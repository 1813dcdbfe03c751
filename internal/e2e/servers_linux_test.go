package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pagesession/internal/testkit/redis"
)

// refusedStart runs a server that has to refuse its start with one line, which has these words.
func refusedStart(t *testing.T, dir string, args []string, words ...string) {
	t.Helper()
	said := runCommand(dir, nil, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)
	lines := strings.Split(strings.TrimSpace(said.stderr), "\n")
	last := lines[len(lines)-1]
	if said.code != 1 || !strings.HasPrefix(last, "pagesession: ") {
		t.Errorf("exit %d, %q; want 1, and the reason at the end", said.code, said.stderr)
	}
	for _, part := range words {
		if !strings.Contains(last, part) {
			t.Errorf("it says %q; want %q", last, part)
		}
	}
}

// A second server that does not match the first one does not start, and says what to do. The
// first one goes on.
func TestServers_Refused(t *testing.T) {
	t.Parallel()
	v := startSeveral(t, 1)
	dir := filepath.Join(t.TempDir(), "data")
	refusedStart(t, dir, v.args, "there is no key", "copy secret.key from the data folder of one of them", "--secret-key FILE")
	key := filepath.Join(v.servers[0].dir, "secret.key")
	refusedStart(t, dir, []string{"--secret-key", key, "--sessions", "redis://" + v.redis.Addr},
		"this server has its accounts in a file", "--accounts postgres://...", "pagesession accounts move")
	if err := os.WriteFile(filepath.Join(dir, "secret.key"), []byte(strings.Repeat("x", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	refusedStart(t, dir, v.args, "differs from the key of the other servers")
	v.servers[0].get("/readyz").Wants(200, "ready")
	if log := v.servers[0].out.String(); strings.Contains(log, "level=WARN") {
		t.Errorf("the server that was there warns:\n%s", log)
	}
}

// A server with its accounts in a file that was killed starts again, once its earlier
// announcement has lapsed.
func TestServers_RestartAfterAKill(t *testing.T) {
	t.Parallel()
	sessions := "redis://" + redis.New(t).Addr
	s := onRedis(t, sessions)
	s.kill()
	again := startIn(t, s.dir, "--sessions", sessions)
	if !strings.Contains(again.out.String(), "waiting to see whether another server still runs") {
		t.Errorf("the log lacks why it waits:\n%s", again.out)
	}
}

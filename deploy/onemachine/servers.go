package onemachine

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// startServers starts the servers one after the other: the first may have to prepare the
// database.
func (m *Machine) startServers(ctx context.Context) error {
	for i := range m.config.Servers + m.config.Apart {
		p, err := m.startServer(ctx, i)
		if p != nil {
			m.Servers = append(m.Servers, p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *Machine) startServer(ctx context.Context, i int) (*Process, error) {
	name := fmt.Sprintf("server-%d", i+1)
	dir := m.path(name)
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(m.config.Program, append([]string{
		"--addr", addr, "--data-dir", dir, "--sessions", fmt.Sprintf("redis://%s/%d", m.Redis.Addr, max(0, i-m.config.Servers+1)), "--accounts", m.Accounts,
		"--secret-key", m.path("secret.key"), "--trusted-proxies", "127.0.0.1", "--drain", "1s",
	}, m.config.Flags...)...)
	cmd.Env = append(withoutSettings(os.Environ()), "PAGESESSION_SESSIONS_PASSWORD_FILE="+m.path("redis.password"))
	p, err := m.begin(name, addr, syscall.SIGTERM, cmd)
	if err != nil {
		return nil, err
	}
	return p, p.await(ctx, func(ctx context.Context) error { return answers(ctx, addr) })
}

// withoutSettings leaves out the servers' own variables, which are for other servers.
func withoutSettings(environ []string) []string {
	var kept []string
	for _, line := range environ {
		if !strings.HasPrefix(line, "PAGESESSION_") {
			kept = append(kept, line)
		}
	}
	return kept
}

// answers returns nil if /readyz is 200.
func answers(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
	if err != nil {
		return err
	}
	req.Close = true
	a, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_ = a.Body.Close()
	if a.StatusCode != http.StatusOK {
		return fmt.Errorf("/readyz answers %d", a.StatusCode)
	}
	return nil
}

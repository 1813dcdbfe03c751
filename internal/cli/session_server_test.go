package cli_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"pagesession/internal/cli"
	"pagesession/internal/config"
	"pagesession/internal/control"
	"pagesession/internal/health"
	"pagesession/internal/servers"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// A well is a session server with two sessions, of which one may have timed out.
type well struct{ control.Lister }

func (well) ByPosition() bool { return true }

func (well) Find(_ context.Context, h record.Handle) (record.Row, error) {
	return record.Row{Handle: h, State: record.Live, Remaining: time.Minute}, nil
}

func (well) List(context.Context, record.Query) (record.Page, error) {
	row := record.Row{Handle: record.KeyOf("id").Handle(), State: record.Live, Remaining: time.Minute}
	return record.Page{Rows: []record.Row{row}, Total: 2}, nil
}

// onServer runs a command where the sessions are on a session server.
func onServer(t *testing.T, prompt *script, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	loss := redis.Loss{Times: 1, At: time.Now(), Back: 3 * time.Second}
	stores := control.Stores{Visitors: well{}, Files: func() []health.File {
		return []health.File{health.OfRedis("redis://here", redis.Health{Loss: loss}, time.Now())}
	}, Servers: func() []servers.Server {
		since := time.Date(2026, 11, 28, 20, 15, 2, 0, time.UTC)
		return []servers.Server{{Name: "web1", Version: "v1", Since: since, Refreshes: 12.34}, {Name: "web2", Version: "v2", Since: since, This: true}}
	}}
	prompt.out = &err
	program := cli.Program{
		Args: args, Environ: []string{"PAGESESSION_DATA_DIR=" + t.TempDir(), "PAGESESSION_SESSIONS=redis://127.0.0.1:1"}, Stdout: &out, Stderr: &err, Prompt: prompt,
		Operate: func(cfg config.Config, _ *slog.Logger) *control.Client {
			files := func(context.Context, control.Need) (control.Stores, func() error, error) {
				return stores, func() error { return nil }, nil
			}
			return &control.Client{Dir: cfg.DataDir, Actor: "root", Files: files}
		},
	}
	code = program.Main(t.Context())
	return code, out.String(), err.String()
}

// Commands say what a session server cannot know, and what it lost.
func TestSessionServer(t *testing.T) {
	if code, stdout, stderr := onServer(t, new(script), "status"); code != 0 || !strings.Contains(stdout, "Redis  ok") || !strings.Contains(stdout, "\nRedis lost the changes of about 3s before ") {
		t.Errorf("status = %d, %q, %q; want the loss", code, stdout, stderr)
	}
	_, stdout, _ := onServer(t, new(script), "status")
	for _, part := range []string{
		"\nSERVER  VERSION  STARTED  REFRESHES/S\nweb1  v1  2026-11-28 20:15 UTC  12.3\nweb2  v2  2026-11-28 20:15 UTC  0.0\n",
		"\nThe states above are those of server web2, which runs on this data folder.",
	} {
		if !strings.Contains(fixedColumns(stdout), part) {
			t.Errorf("status = %q; want %q", stdout, part)
		}
	}
	if _, stdout, _ := onServer(t, new(script), "status", "--json"); !strings.Contains(stdout, `"refreshes": 12.34`) && !strings.Contains(stdout, `"refreshes":12.34`) {
		t.Errorf("status --json = %s; want the servers", stdout)
	}
	if code, stdout, stderr := onServer(t, new(script), "sessions", "show", record.KeyOf("id").Handle().String()); code != 0 || !strings.Contains(stdout, "Last used") || strings.Contains(stdout, "Refreshed") {
		t.Errorf("sessions show = %d, %q, %q; want no count of refreshes", code, stdout, stderr)
	}
	if code, _, stderr := onServer(t, answers("no"), "sessions", "end-all"); code == 0 || !strings.Contains(stderr, "about 2 live sessions") {
		t.Errorf("sessions end-all = %d, %q; want the question with about", code, stderr)
	}
}

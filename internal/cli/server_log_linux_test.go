package cli_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/creack/pty"

	"pagesession/internal/app"
	"pagesession/internal/cli"
	"pagesession/internal/config"
)

// On a terminal the server's log is text, unless --log-format says otherwise.
func TestServerLog_Terminal(t *testing.T) {
	for _, tc := range []struct {
		args []string
		want string // how the line begins
	}{
		{nil, "time="}, {[]string{"--log-format", "text"}, "time="}, {[]string{"--log-format", "json"}, `{"time":`},
	} {
		screen, stderr, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		program := cli.Program{Args: tc.args, Stdout: io.Discard, Stderr: stderr,
			Serve: func(_ context.Context, _ config.Config, log *slog.Logger, _ app.Process) error {
				log.Info("a line")
				return nil
			}}
		if code := program.Main(t.Context()); code != 0 {
			t.Errorf("Main(%q) = %d; want 0", tc.args, code)
		}
		line, err := bufio.NewReader(screen).ReadString('\n')
		if err != nil || !strings.HasPrefix(line, tc.want) {
			t.Errorf("%q: the terminal shows %q, %v; want %s", tc.args, line, err, tc.want)
		}
		_ = stderr.Close()
		_ = screen.Close()
	}
}

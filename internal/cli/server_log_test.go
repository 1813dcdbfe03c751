package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"pagesession/internal/app"
	"pagesession/internal/cli"
	"pagesession/internal/config"
)

// logged runs a server that writes a line of each level, and returns its stderr.
func logged(t *testing.T, args ...string) string {
	t.Helper()
	var stderr bytes.Buffer
	program := cli.Program{Args: args, Stdout: io.Discard, Stderr: &stderr,
		Serve: func(_ context.Context, _ config.Config, log *slog.Logger, _ app.Process) error {
			log = log.With(slog.String("part", "test"))
			for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
				log.Log(t.Context(), level, "a line", slog.String("file", "x y"), slog.Duration("after", 90*time.Second))
			}
			return nil
		}}
	if code := program.Main(t.Context()); code != 0 {
		t.Fatalf("Main(%q) = %d, %s; want 0", args, code, &stderr)
	}
	return stderr.String()
}

// A server that does not write to a terminal logs JSON, an object in each line, unless
// --log-format says otherwise.
func TestServerLog_Format(t *testing.T) {
	for _, tc := range []struct {
		args   []string
		isJSON bool
	}{
		{nil, true},
		{[]string{"--log-format", "auto"}, true},
		{[]string{"--log-format", "json"}, true},
		{[]string{"--log-format", "text"}, false},
	} {
		for line := range strings.Lines(logged(t, tc.args...)) {
			var got struct{ Level, Msg, File, Part, After string }
			err := json.Unmarshal([]byte(line), &got)
			if tc.isJSON && (err != nil || got.Msg != "a line" || got.File != "x y" || got.Part != "test" || got.After != "1m30s") {
				t.Errorf("%q: the log has %q, %v; want an object with msg, file, part and a duration with its unit", tc.args, line, err)
			}
			if !tc.isJSON && !strings.HasSuffix(line, "msg=\"a line\" part=test file=\"x y\" after=1m30s\n") {
				t.Errorf("%q: the log has %q; want text", tc.args, line)
			}
		}
	}
}

func TestServerLog_Level(t *testing.T) {
	for level, want := range map[string][]string{
		"":      {"INFO", "WARN", "ERROR"},
		"debug": {"DEBUG", "INFO", "WARN", "ERROR"},
		"info":  {"INFO", "WARN", "ERROR"},
		"warn":  {"WARN", "ERROR"},
		"error": {"ERROR"},
	} {
		var args, got []string
		if level != "" {
			args = []string{"serve", "--log-level", level}
		}
		for line := range strings.Lines(logged(t, args...)) {
			var says struct{ Level string }
			_ = json.Unmarshal([]byte(line), &says)
			got = append(got, says.Level)
		}
		if !slices.Equal(got, want) {
			t.Errorf("--log-level %q logs %q; want %q", level, got, want)
		}
	}
}

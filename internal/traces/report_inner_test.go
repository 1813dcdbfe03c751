package traces

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/testkit"
)

// A collector that refuses everything is one short line a minute, with the number of those
// that are left out.
func TestSink_OneLineAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(testkit.Log)
		s := &sink{log: slog.New(slog.NewTextHandler(log, nil))}
		refused := errors.New("400 Bad Request " + strings.Repeat("x", 100_000))
		for range 3 {
			s.failed(refused)
		}
		time.Sleep(pause)
		s.failed(refused)
		text := log.String()
		if strings.Count(text, "\n") != 2 || len(text) > 1000 || !strings.Contains(text, "400 Bad Request") || !strings.HasSuffix(text, " similar=2\n") {
			t.Errorf("the log has %d bytes; want two short lines, the second with similar=2: %.1000s", len(text), text)
		}
	})
}

package control

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
)

// A file that stays is a line in the log, not a failed import.
func TestDiscard_FailureIsLogged(t *testing.T) {
	var log bytes.Buffer
	s := &Server{log: slog.New(slog.NewTextHandler(&log, nil))}
	s.discard(filepath.Join(t.TempDir(), uploadFile+"1"))
	if !strings.Contains(log.String(), "is left in the data folder") {
		t.Errorf("the log has %q", log.String())
	}
}

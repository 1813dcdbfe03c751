package control

import (
	"bytes"
	"io"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// deadlines is a response writer that records its deadlines.
type deadlines struct {
	*httptest.ResponseRecorder
	write time.Time
}

func (*deadlines) SetReadDeadline(time.Time) error      { return nil }
func (d *deadlines) SetWriteDeadline(t time.Time) error { d.write = t; return nil }

// slow is a body that takes minutes to arrive.
type slow struct{ io.Reader }

func (s slow) Read(p []byte) (int, error) {
	time.Sleep(2 * time.Minute)
	return s.Reader.Read(p)
}

// The time limit of the answer starts when the file is complete.
func TestKeep_LeavesTimeToAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		r := httptest.NewRequest("POST", ImportDjango.path, slow{strings.NewReader("x")})
		if _, err := (&Server{dir: t.TempDir()}).keep(w, r); err != nil {
			t.Fatal(err)
		}
		if left := time.Until(w.write); left != answerTime {
			t.Errorf("after the upload %v are left to answer; want %v", left, answerTime)
		}
	})
}

// If the received file cannot be removed, the import succeeds, and the log has a line.
func TestDiscard_FailureIsLogged(t *testing.T) {
	var log bytes.Buffer
	s := &Server{log: slog.New(slog.NewTextHandler(&log, nil))}
	s.discard(filepath.Join(t.TempDir(), uploadFile+"1"))
	if !strings.Contains(log.String(), "imported file could not be removed") {
		t.Errorf("the log has %q", log.String())
	}
}

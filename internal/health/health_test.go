package health_test

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"pagesession/internal/health"
	"pagesession/storage"
)

// Each state says what works, what is refused, and what cures its cause.
func TestOf_EachState(t *testing.T) {
	since := time.Date(2026, 11, 28, 20, 15, 2, 0, time.UTC)
	wrapped := func(err error) error { return fmt.Errorf("write session file: %w", err) }
	for _, tc := range []struct {
		state storage.FileState
		cause error
		do    []string
	}{
		{storage.FileSlow, errors.New("a commit has not ended"), []string{"Check the disk that has console.db", "goes on by itself"}},
		{storage.FileFull, wrapped(syscall.ENOSPC), []string{"Free space on the disk that has console.db", "each second"}},
		{storage.FileFull, wrapped(syscall.EDQUOT), []string{"Free space"}},
		{storage.FileFull, wrapped(syscall.ENOMEM), []string{"more memory"}},
		{storage.FileFull, errors.New("database reached maximum size"), []string{"largest size", "expire"}},
		{storage.FileDetached, wrapped(syscall.EIO), []string{"replace it", "rebuilds the file from memory", "within 30 seconds"}},
		{storage.FileDetached, wrapped(syscall.ENOSPC), []string{"Free space", "rebuilds the file from memory", "each second"}},
		{storage.FileDetached, wrapped(storage.ErrInUse), []string{"Stop the other process", "within 30 seconds"}},
	} {
		st := storage.FileStatus{State: tc.state, Path: "/data/console.db", Since: since, Cause: tc.cause}
		for users, words := range map[health.Users]string{health.Visitors: "New sessions and changes", health.Operators: "Sign-ins"} {
			f := health.Of(st, users)
			if f.OK() || f.Name != "console.db" || f.Path != st.Path || f.State != tc.state.String() || !f.Since.Equal(since) || f.Cause != tc.cause.Error() {
				t.Errorf("Of(%v) = %+v; want its name, path, state, time and cause", st, f)
			}
			if f.Works == "" || !strings.HasPrefix(f.Refused, words) || !strings.Contains(f.Refused, "503") {
				t.Errorf("Of(%v, %v): works %q, refused %q; want %q with 503", st, users, f.Works, f.Refused, words)
			}
			for _, part := range tc.do {
				if !strings.Contains(f.Do, part) {
					t.Errorf("Of(%v).Do = %q; want %q in it", st, f.Do, part)
				}
			}
			if memory := strings.Contains(f.Works, "only in memory"); memory != (tc.state == storage.FileDetached) {
				t.Errorf("Of(%v).Works = %q; only a detached file keeps its sessions in memory alone", st, f.Works)
			}
		}
	}
}

func TestOf_OK(t *testing.T) {
	f := health.Of(storage.FileStatus{Path: "/data/sessions.db"}, health.Visitors)
	if want := (health.File{Name: "sessions.db", Path: "/data/sessions.db", State: "ok"}); f != want || !f.OK() {
		t.Errorf("Of(ok) = %+v; want %+v", f, want)
	}
}

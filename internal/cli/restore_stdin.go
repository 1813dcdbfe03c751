package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"pagesession/internal/backup"
)

// fromStdin is the FILE that stands for stdin. A container without a shell has no other way in.
const fromStdin = "-"

// mostRestored bounds what is read from stdin, as the server bounds a file that it is sent.
const mostRestored = 1 << 30

// backupFromStdin copies stdin to a file in the data folder, since a backup is checked as a whole
// and a container may write nowhere else. The caller removes the file; after a crash the next start
// of the server does.
func (t *task) backupFromStdin() (path string, err error) {
	if file, ok := t.Stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return "", usageError{errors.New("stdin is a terminal; redirect a backup into the command, or name a file")}
	}
	if err := os.MkdirAll(t.DataDir, 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(t.DataDir, backup.TempPrefix+"*.stdin") // with mode 0600
	if err != nil {
		return "", err
	}
	n, err := copyUntil(t.ctx(), f, io.LimitReader(t.Stdin, mostRestored+1))
	if n > mostRestored {
		err = fmt.Errorf("the backup on stdin is larger than %s; name a file", bytesOf(mostRestored))
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// copyUntil is io.Copy until ctx is done. A read from stdin cannot be interrupted, so it then goes
// on by itself, until the program ends.
func copyUntil(ctx context.Context, to io.Writer, stdin io.Reader) (int64, error) {
	type copied struct {
		n   int64
		err error
	}
	done := make(chan copied, 1)
	go func() {
		n, err := io.Copy(to, stdin)
		done <- copied{n, err}
	}()
	select {
	case c := <-done:
		return c.n, c.err
	case <-ctx.Done():
		return 0, ErrCancelled
	}
}

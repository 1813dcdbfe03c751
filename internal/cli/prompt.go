package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"time"

	"golang.org/x/term"
)

// A Prompter asks the operator who runs the command. Errors: ErrNoTerminal,
// ErrCancelled.
type Prompter interface {
	// Line asks for a line.
	Line(ctx context.Context, question string) (string, error)
	// Secret asks for a line and hides what is typed.
	Secret(ctx context.Context, question string) (string, error)
	// Show shows a secret on the screen, and never writes it to a file. Error: ErrNoScreen.
	Show(secret string) error
}

var (
	// ErrNoTerminal is returned when stdin is not a terminal.
	ErrNoTerminal = errors.New("stdin is not a terminal; run this command in one")
	// ErrNoScreen is returned when stderr is not a terminal.
	ErrNoScreen = errors.New("stderr is not a terminal, and secrets are shown only on one; run this command without a redirection")
	// ErrCancelled is returned when the answer is Ctrl-C or the end of the input, and at Ctrl-C
	// while a backup comes from stdin.
	ErrCancelled = errors.New("cancelled; nothing was changed")
)

// A Terminal asks on a terminal. Its questions go to Out, which leaves stdout to the
// results.
type Terminal struct {
	In  *os.File
	Out io.Writer
}

// Line asks for a line.
func (t Terminal) Line(ctx context.Context, question string) (string, error) {
	return t.ask(ctx, question, false, func() (string, error) {
		line, err := bufio.NewReader(t.In).ReadString('\n') // a terminal returns one line per read, so the reader keeps none of the next
		return strings.TrimSuffix(line, "\n"), err
	})
}

// Secret asks for a line and hides what is typed.
func (t Terminal) Secret(ctx context.Context, question string) (string, error) {
	line, err := t.ask(ctx, question, true, func() (string, error) {
		line, err := term.ReadPassword(int(t.In.Fd()))
		return string(line), err
	})
	if err == nil {
		fmt.Fprintln(t.Out) // the terminal hid the typed line end, too
	}
	return line, err
}

// ask waits for the answer or for Ctrl-C, and restores the terminal. If the answer is hidden, the
// question comes when the terminal hides it, since people and programs answer at once. After
// Ctrl-C the reading goroutine ends with the process.
func (t Terminal) ask(ctx context.Context, question string, hidden bool, read func() (string, error)) (string, error) {
	fd := int(t.In.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", ErrNoTerminal
	}
	type answer struct {
		line string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		line, err := read()
		answers <- answer{line, err}
	}()
	if hidden {
		awaitChange(fd, before)
	}
	fmt.Fprint(t.Out, question)
	select {
	case got := <-answers:
		if errors.Is(got.err, io.EOF) {
			return "", ErrCancelled
		}
		return got.line, got.err
	case <-ctx.Done():
		_ = term.Restore(fd, before)
		fmt.Fprintln(t.Out)
		return "", ErrCancelled
	}
}

// longestChange bounds the wait for a terminal that hides what is typed. It takes microseconds; a
// terminal that never echoed does not change.
const longestChange = 100 * time.Millisecond

// awaitChange waits until a terminal has another state.
func awaitChange(fd int, before *term.State) {
	for end := time.Now().Add(longestChange); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if now, err := term.GetState(fd); err != nil || !reflect.DeepEqual(now, before) {
			return
		}
	}
}

// Show writes a secret to Out if that is a terminal.
func (t Terminal) Show(secret string) error {
	out, ok := t.Out.(*os.File)
	if !ok || !term.IsTerminal(int(out.Fd())) {
		return ErrNoScreen
	}
	_, err := io.WriteString(out, secret)
	return err
}

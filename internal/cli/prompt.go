package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// A Prompter asks the operator who called. Errors: ErrNoTerminal when there is
// no terminal to ask on, ErrCancelled.
type Prompter interface {
	// Line asks for a line.
	Line(ctx context.Context, question string) (string, error)
	// Secret asks for a line that is not shown.
	Secret(ctx context.Context, question string) (string, error)
}

var (
	// ErrNoTerminal is returned when stdin is not a terminal.
	ErrNoTerminal = errors.New("there is no terminal to ask on")
	// ErrCancelled is returned for Ctrl-C or the end of the input in place of an answer.
	ErrCancelled = errors.New("cancelled; nothing was changed")
)

// A Terminal asks on a terminal. Questions go to Out, so that stdout has only
// results.
type Terminal struct {
	In  *os.File
	Out io.Writer
}

// Line asks for a line.
func (t Terminal) Line(ctx context.Context, question string) (string, error) {
	return t.ask(ctx, question, func() (string, error) {
		line, err := bufio.NewReader(t.In).ReadString('\n') // of what was typed a terminal gives one line at a time
		return strings.TrimSuffix(line, "\n"), err
	})
}

// Secret asks for a line that is not shown.
func (t Terminal) Secret(ctx context.Context, question string) (string, error) {
	return t.ask(ctx, question, func() (string, error) {
		line, err := term.ReadPassword(int(t.In.Fd()))
		fmt.Fprintln(t.Out) // the one that was typed was not shown either
		return string(line), err
	})
}

// ask waits for the answer or for Ctrl-C, and leaves the terminal as it was. After
// Ctrl-C the goroutine ends with the process.
func (t Terminal) ask(ctx context.Context, question string, read func() (string, error)) (string, error) {
	fd := int(t.In.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", ErrNoTerminal
	}
	fmt.Fprint(t.Out, question)
	type answer struct {
		line string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		line, err := read()
		answers <- answer{line, err}
	}()
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

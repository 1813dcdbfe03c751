package cli

import (
	"errors"
	"io"
	"os"
	"strings"

	"pagesession/internal/control"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// longestInput bounds what is read from stdin; passwords may have less.
const longestInput = 64 << 10

const passwordStdin = "password-stdin"

// withPasswordStdin gives cmd the flag --password-stdin.
func withPasswordStdin(cmd *cobra.Command) {
	cmd.Flags().Bool(passwordStdin, false, "read the password from stdin, and ask nothing")
}

// passwordFromStdin reads a password, which may have a line end behind it.
func (t *task) passwordFromStdin() (control.Secret, error) {
	if file, ok := t.Stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return "", usageError{errors.New("stdin is a terminal, which would show the password; leave out --" + passwordStdin + " to type it hidden")}
	}
	type input struct {
		text []byte
		err  error
	}
	read := make(chan input, 1)
	go func() { // it ends with stdin, or after Ctrl-C with the process
		text, err := io.ReadAll(io.LimitReader(t.Stdin, longestInput+1))
		read <- input{text, err}
	}()
	select {
	case <-t.ctx().Done():
		return "", ErrCancelled
	case got := <-read:
		if got.err != nil {
			return "", got.err
		}
		return onePassword(string(got.text))
	}
}

func onePassword(text string) (control.Secret, error) {
	line := strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	switch {
	case strings.TrimSpace(line) == "":
		return "", usageError{errors.New("--" + passwordStdin + " found no password on stdin")}
	case len(text) > longestInput || strings.ContainsAny(line, "\r\n"):
		return "", usageError{errors.New("--" + passwordStdin + " takes one line, and stdin has more")}
	}
	return control.Secret(line), nil
}

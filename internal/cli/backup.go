package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"pagesession/internal/backup"
	"pagesession/internal/config"
	"pagesession/internal/control"
)

// toStdout is the FILE that stands for stdout.
const toStdout = "-"

func (p *Program) backup() *cobra.Command {
	return p.on(&cobra.Command{
		Use:   "backup FILE",
		Short: "Write operators, secret.key and settings to a new file",
		Long: "Write a backup to a new file with mode 0600: operators, groups and the audit log at one\n" +
			"instant, secret.key, and the settings of the running server, or of this command. With -\n" +
			"the backup goes to stdout. Sessions are not in it. Keep it safe: it has password hashes\n" +
			"and secrets.",
		Args: oneArg("file"),
	}, (*task).makeBackup, "data-dir", "accounts", config.SecretKey)
}

// makeBackup has the server, or this process, write the backup in the data folder, where a server
// in a sandbox can write, and takes it from there.
func (t *task) makeBackup() (err error) {
	file := t.args[0]
	if err := t.checkDestination(file); err != nil {
		return err
	}
	info, err := control.MakeBackup.Run(t.ctx(), t.data, control.All{})
	notAudited := errors.Is(err, control.ErrNotAudited)
	if err != nil && !notAudited {
		return err
	}
	made := filepath.Join(t.DataDir, filepath.Base(info.Name))
	defer func() { err = errors.Join(err, os.Remove(made)) }()
	if file == toStdout {
		return errors.Join(err, copyTo(t.Stdout, made))
	}
	if failed := backup.Copy(made, file); failed != nil {
		return failed
	}
	info.Name = file
	return errors.Join(err, t.print(info, func(w io.Writer) { sayBackup(w, info) }))
}

// checkDestination refuses early what would fail late.
func (t *task) checkDestination(file string) error {
	if file != toStdout {
		return checkNewFile(file)
	}
	if t.yes("json") {
		return usageError{errors.New("--json and a backup on stdout do not go together; name a file")}
	}
	if out, ok := t.Stdout.(*os.File); ok && term.IsTerminal(int(out.Fd())) {
		return usageError{errors.New("stdout is a terminal, and a backup is not text; name a file, or redirect stdout")}
	}
	return nil
}

// checkNewFile returns an error unless a file of this name can be made.
func checkNewFile(file string) error {
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%q %w", file, backup.ErrExists)
	}
	if folder := filepath.Dir(file); isMissing(folder) {
		return fmt.Errorf("folder %q is not there; make it first, or name another file", folder)
	}
	return nil
}

func isMissing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

func copyTo(w io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return errors.Join(err, f.Close())
}

func sayBackup(w io.Writer, b backup.Info) {
	say(w, "Backup %s: %s, with %s.", harmless(b.Name), bytesOf(b.Size), strings.Join(b.Parts, ", "))
	say(w, "It has password hashes and secrets: keep it where only you can read it.")
}

// bytesOf writes a size: 830 bytes, 1.2 MB.
func bytesOf(n int64) string {
	switch {
	case n < 10_000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1_000_000:
		return fmt.Sprintf("%d kB", n/1000)
	default:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
}

func (p *Program) restore() *cobra.Command {
	return p.on(&cobra.Command{
		Use:   "restore FILE",
		Short: "Put the operators, secret.key and settings of a backup in place",
		Long: "Put the operators, secret.key and settings of a backup in place. All of the backup is\n" +
			"checked first. A running server goes on as it is, and its next start puts the backup in\n" +
			"place; without a server this command does it. The earlier files are kept, with\n" +
			".before-restore-TIME in their names. Operators have to sign in again, with the passwords\n" +
			"of the backup. With - the backup comes from stdin.",
		Args: oneArg("file"),
	}, (*task).restoreBackup, append([]string{"data-dir", "accounts", config.SecretKey}, config.SessionFlags()...)...)
}

func (t *task) restoreBackup() (err error) {
	file := control.BackupFile{Path: t.args[0]}
	if file.Path == fromStdin {
		file.Name = "stdin"
		if file.Path, err = t.backupFromStdin(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.Remove(file.Path)) }()
	}
	return do(t, control.RestoreBackup, file, sayRestored)
}

// settingsWords say where the settings are, or will be.
func settingsWords(applied bool) string {
	if applied {
		return "Its settings are in"
	}
	return "The start writes its settings to"
}

func sayRestored(w io.Writer, r control.Restored) {
	from := fmt.Sprintf("The backup of %s, made by pagesession %s, with %s", r.Made.UTC().Format("2006-01-02 15:04 MST"), harmless(r.Program), count(r.Users, "user"))
	switch {
	case r.Applied:
		say(w, "%s, is restored.", from)
	case r.Server:
		say(w, "%s, is checked and waits. Restart the server now: the start puts it in place, and changes to operators until then are lost.", from)
	default:
		say(w, "%s, is checked and waits. Start the server now: the start puts it in place.", from)
	}
	if len(r.Kept) > 0 {
		say(w, "The earlier files are kept: %s.", harmless(strings.Join(r.Kept, ", ")))
	}
	if r.Settings != "" {
		say(w, "%s %s, which no server reads by itself: compare them with yours, or start with --config and this file.", settingsWords(r.Applied), harmless(r.Settings))
	}
	say(w, "Operators have to sign in again. Passwords, permissions and second factors are those of the backup: check the list of users.")
}

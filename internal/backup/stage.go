package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"pagesession/internal/disk"
)

// A restore has two halves.
//
// Stage checks a backup completely and writes its files to the folder "restore.new" in the data
// folder. Nothing in use has changed. Then it renames the folder to "restore", which is the
// decision: from now on the backup counts.
//
// Apply runs where the accounts are closed: at a start of the server, or in the command without
// one. It renames each file in use to NAME.before-restore-TIME, and the staged one to NAME. At
// the end it takes the folder away. After a crash the next start finds the folder, and does what
// is left: a file that is still in the folder has to be moved, the others have been. So there is
// no mix of old and new files once a server has started.
const (
	staging = "restore.new" // half made
	staged  = "restore"     // complete
	dropped = "restore.old" // of no more use
)

// planFile has the plan, in the staged folder.
const planFile = "plan.json"

// keptMark ends the name of a file that a restore has replaced, with the time of the restore.
const keptMark = ".before-restore-"

// A Plan is what a staged folder says of itself.
type Plan struct {
	Made    time.Time `json:"made"`    // when the backup was made
	Program string    `json:"program"` // the version that made it
	Suffix  string    `json:"suffix"`  // ends the names of the files that are kept
	Users   int       `json:"users"`

	Settings bool `json:"settings"` // it has settings
}

// A Target is where a backup is restored.
type Target struct {
	Dir string // the data folder
	// Prepare checks the copied accounts and makes them ready: account.PrepareCopy. It returns the
	// number of users.
	Prepare func(ctx context.Context, path string, m Manifest) (users int, err error)
	// CheckKey returns why a server could not use the backup's secret key, and whether the key
	// becomes a file of the data folder.
	CheckKey func(key []byte) (keep bool, err error)
	Now      func() time.Time

	rename func(from, to string) error // nil for disk.Rename; tests stop at a step
}

// Stage checks the backup at path and gets it ready for Apply. After an error nothing has
// changed; the error begins with name. Only one Stage may run for a folder.
func (t Target) Stage(ctx context.Context, path, name string) (Plan, error) {
	plan, err := t.stage(ctx, path)
	if err != nil {
		return Plan{}, errors.Join(full(fmt.Errorf("backup %q %w", name, err)), os.RemoveAll(t.in(staging)))
	}
	return plan, nil
}

func (t Target) in(name string) string { return filepath.Join(t.Dir, name) }

func (t Target) stage(ctx context.Context, path string) (Plan, error) {
	if err := t.begin(); err != nil {
		return Plan{}, unable(err)
	}
	m, err := extract(path, t.put)
	if err != nil {
		return Plan{}, err
	}
	plan := Plan{Made: m.Time, Program: m.Program, Settings: m.Parts[len(m.Parts)-1].Name == SettingsPart}
	if plan.Users, err = t.Prepare(ctx, t.in(filepath.Join(staging, AccountsPart)), m); err != nil {
		return Plan{}, fmt.Errorf("was made by pagesession %.60s, and its accounts cannot be used: %w", m.Program, err)
	}
	if plan.Suffix, err = t.freeSuffix(); err != nil {
		return Plan{}, unable(err)
	}
	return plan, unable(t.decide(plan))
}

// unable completes the sentence about a backup with an error of the data folder.
func unable(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("cannot be restored: %w", err)
}

// begin makes the empty folder, in place of one that an earlier Stage has left.
func (t Target) begin() error {
	if err := errors.Join(os.RemoveAll(t.in(staging)), os.RemoveAll(t.in(dropped))); err != nil {
		return err
	}
	return os.Mkdir(t.in(staging), 0o700)
}

// put writes a part to the folder, durably.
func (t Target) put(p Part, from io.Reader) error {
	f, err := os.OpenFile(t.in(filepath.Join(staging, p.Name)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return unable(err)
	}
	_, err = io.Copy(f, from)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil && p.Name == KeyPart {
		err = t.checkKey(f.Name())
	}
	return unable(err)
}

func (t Target) checkKey(path string) error {
	key, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	keep, err := t.CheckKey(key)
	if err != nil || keep {
		return err
	}
	return os.Remove(path)
}

// freeSuffix returns the end of the names of the files that are kept. No file has it yet.
func (t Target) freeSuffix() (string, error) {
	entries, err := os.ReadDir(t.Dir)
	if err != nil {
		return "", err
	}
	suffix := keptMark + t.Now().UTC().Format(timeForm)
	for taken := 2; anyHas(entries, suffix); taken++ {
		suffix = fmt.Sprintf("%s%s-%d", keptMark, t.Now().UTC().Format(timeForm), taken)
	}
	return suffix, nil
}

// timeForm is how names have times: in UTC, and in the order of time.
const timeForm = "20060102T150405Z"

// decide makes the staged folder count. One that waits for a start counts no more.
func (t Target) decide(plan Plan) error {
	text, err := json.Marshal(plan)
	if err != nil {
		return err
	}
	err = disk.Create(t.in(filepath.Join(staging, planFile)), text)
	if err == nil {
		err = disk.SyncFolder(t.in(staging))
	}
	if err != nil {
		return err
	}
	rename := t.rename
	if rename == nil {
		rename = disk.Rename
	}
	if Pending(t.Dir) {
		if err := rename(t.in(staged), t.in(dropped)); err != nil {
			return err
		}
	}
	if err := rename(t.in(staging), t.in(staged)); err != nil {
		return err
	}
	return os.RemoveAll(t.in(dropped))
}

package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"pagesession/internal/disk"
)

// A Source is what backups are made of.
type Source struct {
	Dir      string                                       // the data folder, which has a copy of the accounts meanwhile
	Accounts func(ctx context.Context, path string) error // writes them to a new file: account.Store.Snapshot
	Key      []byte                                       // nil: none
	Settings []byte                                       // nil: none
	Program  string                                       // the version that makes the backup
	Now      func() time.Time
}

// An Info is a backup that is there.
type Info struct {
	Name    string    `json:"name"` // of the file, without its folder
	Size    int64     `json:"size"`
	Time    time.Time `json:"time"`
	Program string    `json:"program"`
	Parts   []string  `json:"parts"`
}

// TempPrefix begins the names of what is being made, in the data folder and in the folder of a
// backup. The start of a server removes those that are left in its data folder.
const TempPrefix = ".backup-"

// Create writes a backup to the new file at path, durably, with mode 0600. After an error there
// is no such file, and another file of that name stays: ErrExists.
func (s Source) Create(ctx context.Context, path string) (Info, error) {
	if _, err := os.Lstat(path); err == nil {
		return Info{}, fmt.Errorf("%q %w", path, ErrExists)
	}
	var m Manifest
	fresh, err := writeTemp(path, func(f *os.File) (err error) {
		m, err = s.writeTo(ctx, f)
		return err
	})
	if err == nil {
		err = errors.Join(publish(fresh, path), removeIfThere(fresh))
	}
	if err != nil {
		return Info{}, full(fmt.Errorf("write backup %q: %w", path, err))
	}
	return infoOf(path, m)
}

func infoOf(path string, m Manifest) (Info, error) {
	file, err := os.Stat(path)
	if err != nil {
		return Info{}, err
	}
	info := Info{Name: filepath.Base(path), Size: file.Size(), Time: m.Time, Program: m.Program}
	for _, p := range m.Parts {
		info.Parts = append(info.Parts, p.Name)
	}
	return info, nil
}

// Copy copies a backup to the new file at to, as Create writes one.
func Copy(from, to string) error {
	f, _, err := open(from)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	fresh, err := writeTemp(to, func(w *os.File) error {
		_, err := io.Copy(w, f)
		return err
	})
	if err == nil {
		err = errors.Join(publish(fresh, to), removeIfThere(fresh))
	}
	if err != nil {
		return full(fmt.Errorf("write backup %q: %w", to, err))
	}
	return nil
}

// writeTemp writes a temporary file in the folder of path, durably, and returns its name.
func writeTemp(path string, write func(*os.File) error) (fresh string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), TempPrefix+"*.new") // with mode 0600
	if err != nil {
		return "", err
	}
	if err = write(f); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		err = errors.Join(err, removeIfThere(f.Name()))
	}
	return f.Name(), err
}

// writeTo copies the accounts first, and then writes the parts.
func (s Source) writeTo(ctx context.Context, to *os.File) (m Manifest, err error) {
	folder, err := os.MkdirTemp(s.Dir, TempPrefix+"*") // with mode 0700
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	at, copied := s.Now(), filepath.Join(folder, AccountsPart)
	if err := s.Accounts(ctx, copied); err != nil {
		return m, err
	}
	from, err := os.Open(copied)
	if err != nil {
		return m, err
	}
	defer func() { _ = from.Close() }() // before the folder is removed; it was only read
	parts := []content{{AccountsPart, from}}
	if s.Key != nil {
		parts = append(parts, content{KeyPart, bytes.NewReader(s.Key)})
	}
	if s.Settings != nil {
		parts = append(parts, content{SettingsPart, bytes.NewReader(s.Settings)})
	}
	return write(to, s.Program, at, parts)
}

// publish gives a complete file its name, unless there is one of that name. A file system without
// links gets a rename.
func publish(fresh, path string) error {
	err := os.Link(fresh, path)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%q %w", path, ErrExists)
	}
	if err != nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		return err
	}
	return disk.SyncFolder(filepath.Dir(path))
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// full adds the cure to the error of a full disk.
func full(err error) error {
	if disk.IsFull(err) {
		return fmt.Errorf("%w; make room on that disk and try again", err)
	}
	return err
}

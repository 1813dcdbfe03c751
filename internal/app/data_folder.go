package app

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"pagesession/internal/disk"
)

// dataDir creates a missing data folder with mode 0700. It checks that the server can write
// there and other users cannot, and that the files in it are the server's own. It warns if
// other users can read it, or if it belongs to one.
func dataDir(dir string, log *slog.Logger) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create data folder: %w; %schoose another folder with --data-dir", err, ownerCure(dir, err))
	}
	if err := disk.CheckFolder(dir); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	probe, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return fmt.Errorf("write to data folder %q: %w; %schoose another folder with --data-dir", dir, err, ownerCure(dir, err))
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name()), ownFiles(dir)); err != nil {
		return err
	}
	if info, err := os.Stat(dir); err == nil && disk.OthersCanRead(info) {
		log.Warn("other users can read the data folder; chmod 700 it", slog.String("folder", dir))
	}
	if uid, err := ownerOf(dir); err == nil && uid != os.Geteuid() && uid != 0 {
		log.Warn("the data folder belongs to another user, who can replace its files; chown it to the server's user",
			slog.String("folder", dir), slog.Int("owner", uid))
	}
	return nil
}

// ownerCure begins a cure where the server's user lacks the right to write, which is common for
// the volume of a container; "" for other errors.
func ownerCure(dir string, err error) string {
	if uid := os.Geteuid(); errors.Is(err, fs.ErrPermission) && uid > 0 {
		return fmt.Sprintf("chown %d %s, or run as its owner, or ", uid, strconv.Quote(existing(dir)))
	}
	return ""
}

// ownFiles returns an error if one of the databases, or a file beside it such as its lock,
// is a link to somewhere else.
func ownFiles(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !isDatabase(e.Name()) {
			continue
		}
		if err := disk.CheckOwn(filepath.Join(dir, e.Name())); err != nil {
			return fmt.Errorf("data folder: %w", err)
		}
	}
	return nil
}

func isDatabase(name string) bool {
	for _, prefix := range []string{visitorsFile, consoleFile, "accounts."} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

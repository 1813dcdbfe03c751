package storage

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"pagesession/internal/disk"
)

// rewriteSuffix is that of an empty file which says that the next Open writes the session
// file anew.
const rewriteSuffix = ".rewrite"

// RewriteNext has the next Open write the file anew, also where it could use it as it is.
// Then no value of a session that has ended by that time is left in the file; of ends it
// keeps the hash of the key, the instant and the reason for ten minutes. RewriteNext is
// durable when it returns: it makes the file Database + ".rewrite", which stays until an Open
// had room for a fresh file. Errors: the disk's, after which nothing has changed. It is safe
// for concurrent use.
func (s *Storage) RewriteNext() error {
	if err := disk.Create(s.cfg.Database+rewriteSuffix, nil); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return disk.SyncFolder(filepath.Dir(s.cfg.Database))
}

// hasToRewrite reports whether RewriteNext was called since the file was written.
func (s *Storage) hasToRewrite() bool {
	_, err := os.Lstat(s.cfg.Database + rewriteSuffix)
	return err == nil
}

// rewritten says that the file was written anew. If that cannot be noted, the next Open
// writes it once more.
func (s *Storage) rewritten() { _ = removeIfThere(s.cfg.Database + rewriteSuffix) }

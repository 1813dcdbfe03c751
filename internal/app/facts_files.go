package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"pagesession/internal/check"
	"pagesession/internal/config"
	"pagesession/internal/disk"
)

// filesFacts returns what is wrong with the data folder, the files in it and the key. A missing
// folder is fine, since the first start makes it.
func filesFacts(cfg *config.Config) check.Files {
	dir := cfg.DataDir
	f := check.Files{Folder: dir, Key: keyFact(cfg)}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f
	case err != nil:
		f.Broken = err.Error()
		return f
	case !info.IsDir():
		f.Broken = fmt.Sprintf("%q is not a folder", dir)
		return f
	}
	if err := disk.CheckFolder(dir); err != nil {
		f.Broken = err.Error()
	}
	if err := ownFiles(dir); err != nil {
		f.Linked = err.Error()
	}
	if disk.OthersCanRead(info) {
		f.Exposed = append(f.Exposed, dir)
	}
	addEntries(&f, dir)
	return f
}

// keyFact returns why the signing key cannot be used; "" if it can. A missing one in the data
// folder is fine, since the first start makes it.
func keyFact(cfg *config.Config) string {
	_, err := readSecret(secretPath(cfg))
	switch {
	case err == nil, errors.Is(err, fs.ErrNotExist) && cfg.SecretKey == "":
		return ""
	case errors.Is(err, fs.ErrNotExist):
		return err.Error() + "; copy the key there, or leave out --secret-key"
	}
	return err.Error()
}

// mostEntries bounds how many files of the data folder are looked at. It has about ten.
const mostEntries = 1_000

// addEntries adds what is wrong with the files of the folder: who owns them, and who can read
// them if others can enter the folder.
func addEntries(f *check.Files, dir string) {
	d, err := os.Open(dir)
	if err != nil {
		f.Broken = err.Error()
		return
	}
	defer d.Close()
	entries, _ := d.ReadDir(mostEntries) // io.EOF for an empty folder
	open := len(f.Exposed) > 0
	if f.Owner = ownerOfServer(dir); f.Owner != os.Geteuid() && os.Geteuid() != 0 {
		f.Foreign, f.Owner = append(f.Foreign, dir), os.Geteuid()
	}
	for _, e := range entries {
		if !isServers(e.Name()) {
			continue
		}
		info, err := e.Info()
		if err != nil || info.Mode()&fs.ModeSymlink != 0 {
			continue // it is gone, or a link, which is reported if it matters
		}
		path := filepath.Join(dir, e.Name())
		if uid, err := ownerOf(path); err == nil && uid != f.Owner {
			f.Foreign = append(f.Foreign, path)
		}
		if open && info.Mode().IsRegular() && disk.OthersCanRead(info) {
			f.Exposed = append(f.Exposed, path)
		}
		if info.Mode().IsRegular() && info.ModTime().After(f.Newest) {
			f.Newest = info.ModTime()
		}
	}
}

// isServers reports whether a name in the data folder is the server's. Others may be there, such as
// lost+found on a disk of its own.
func isServers(name string) bool {
	return isDatabase(name) || name == secretFile || name == httpsSinceFile || name == acmeFolder || name == backupsFolder
}

// ownerOfServer returns who should own the files: the owner of the folder, whom the server runs
// as. It is this process's user where root owns the folder, since mounted disks often are
// root's.
func ownerOfServer(dir string) int {
	if uid, err := ownerOf(dir); err == nil && uid != 0 {
		return uid
	}
	return os.Geteuid()
}

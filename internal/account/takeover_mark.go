package account

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"

	"pagesession/internal/disk"
)

// The kinds of database in a mark.
const (
	markSQLite   = "sqlite"
	markPostgres = "postgres"
)

// engineName is the kind of database that a mark names.
func (cfg Config) engineName() string {
	if cfg.URL != "" {
		return markPostgres
	}
	return markSQLite
}

// mayBegin returns an error if the mark says that there was a database. Otherwise a lost
// file would be taken for a new installation, which makes the first visitor of its link a
// superuser.
func (o takeover) mayBegin() error {
	if o.off {
		return nil
	}
	old, err := openOld(o.path)
	if err != nil || old == nil {
		return err
	}
	defer old.close()
	switch {
	case !old.mark:
		return nil
	case old.engine == markPostgres:
		return fmt.Errorf("accounts file %q is missing, and %q says that the operators are in PostgreSQL: name the database with --accounts, "+
			"or remove %q to begin with new operators", o.target, o.path, o.path)
	}
	return fmt.Errorf("accounts file %q is missing, and %q says that there was one: restore a backup as %q, name the database with --accounts, "+
		"or remove %q to begin with new operators", o.target, o.path, filepath.Base(o.target), o.path)
}

// agree returns why the database is not the one of the mark, or has lost its users. Such a
// database could make the first visitor of a link a superuser.
func (o takeover) agree(has holding, mark *oldFile) error {
	switch {
	case mark.engine == markPostgres && o.engine == markSQLite && !o.source:
		return fmt.Errorf("the operators of this data folder are in PostgreSQL, and %q is out of date: name the database with --accounts, "+
			`move them back with "pagesession accounts move --to sqlite:", or remove %q to use this file`, o.target, o.path)
	case mark.engine == markSQLite && o.engine == markPostgres && !o.source:
		return fmt.Errorf("the operators of this data folder are in its file %s, and %s is out of date: start without --accounts, "+
			`move them with "pagesession accounts move --to", or remove %q to use this database`, FileName, o.target, o.path)
	case mark.database != "" && mark.database != has.id:
		return fmt.Errorf("the operators of this data folder are in another database than %s: name that one, restore its backup, or remove %q to use this one",
			o.target, o.path)
	case has.lost:
		return fmt.Errorf("%s has lost its users: restore a backup; or remove %q and create a new operator with pagesession createsuperuser", o.target, o.path)
	}
	return nil
}

// outdated reports whether the mark has to be written. Move writes that of its source at
// its end.
func (o takeover) outdated(old *oldFile, has holding) bool {
	return old == nil || !old.mark || !o.source && (old.database != has.id || old.engine != o.engine)
}

// mark writes the mark to the place of the old file.
func (o takeover) mark(id string) error {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	fresh := o.path + freshMark + hex.EncodeToString(b)
	err := writeMark(fresh, id, o.engine)
	if err == nil {
		err = disk.Rename(fresh, o.path)
	}
	if err != nil {
		_ = os.Remove(fresh)
	}
	return err
}

func writeMark(path, id, engine string) error {
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		meta, err := tx.CreateBucket(metaBucket)
		if err != nil {
			return err
		}
		return errors.Join(meta.Put(databaseKey, []byte(id)), meta.Put(engineKey, []byte(engine)), meta.Put(formatKey, []byte(markFormat)))
	})
	return errors.Join(err, db.Close())
}

// markMoved makes the mark of a data folder name the database that Move has filled: that of
// from if the operators are in PostgreSQL now, else the one of the new file.
func markMoved(from, to Config, id string) error {
	folder := from
	if to.URL == "" {
		folder = to
	}
	if folder.Path == "" || to.URL == "" && filepath.Base(to.Path) != FileName { // no server opens it under another name
		return nil
	}
	o := newTakeover(folder, "")
	o.engine = to.engineName()
	old, err := openOld(o.path)
	if err != nil {
		return err
	}
	defer old.close()
	if old != nil && !old.mark {
		return nil // an earlier version's file stays for a person to decide
	}
	if err := o.mark(id); err != nil {
		return fmt.Errorf("everything is copied, but %q could not be written; run the command again: %w", o.path, err)
	}
	return nil
}

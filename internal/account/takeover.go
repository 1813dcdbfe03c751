package account

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"

	"pagesession/internal/disk"
)

// OldFileName is the name of the file of earlier versions, and of the mark in its place.
const OldFileName = "accounts.db"

// keptMark ends the name of an old file whose content has been taken over.
const keptMark = ".migrated"

// A takeover moves the content of an earlier version's accounts.db into an empty database,
// once, and leaves a mark at its place. A crash after any step does no harm:
//
//  1. one transaction writes everything, and the old file's name, into the database;
//  2. the old file gets the second name accounts.db.migrated;
//  3. the mark replaces accounts.db. It has a newer format, so an earlier version refuses
//     to start, and never takes the folder for one without operators.
//
// The next start sees from the database which file it has, and goes on with step 2.
type takeover struct {
	path   string // of accounts.db
	target string // the database, for people
	engine string // its kind, for the mark
	log    *slog.Logger
	now    func() time.Time
	off    bool // the database is the target of Move, or there is no data folder
	source bool // the database is the source of Move
}

// newTakeover is about the data folder of cfg. target names the database.
func newTakeover(cfg Config, target string) takeover {
	path := filepath.Join(filepath.Dir(cfg.Path), OldFileName)
	return takeover{path, target, cfg.engineName(), cfg.Logger, cfg.Now, cfg.moving || cfg.Path == "", cfg.source}
}

// holding is what of a database decides about a takeover.
type holding struct {
	id    string // its identity
	taken string // the name of the old file whose content it has; "" for none
	users bool   // it has users
	empty bool   // it has no users, no groups and no audit log
	half  bool   // Move has begun to fill it, and is not done
	lost  bool   // it had users, and has none
}

func (t tx) holding() (has holding) {
	t.row(`SELECT coalesce((SELECT value FROM meta WHERE name = 'id'), ''), coalesce((SELECT value FROM meta WHERE name = 'taken'), ''),
		(SELECT count(*) FROM users) > 0,
		(SELECT count(*) FROM users) + (SELECT count(*) FROM groups) + (SELECT count(*) FROM entries) = 0,
		(SELECT count(*) FROM meta WHERE name = 'moving') > 0`,
		nil, &has.id, &has.taken, &has.users, &has.empty, &has.half)
	has.lost = !has.users && t.hadUsers()
	return has
}

func (db *database) holding(ctx context.Context) (has holding, err error) {
	err = db.reading(ctx, func(t tx) error { has = t.holding(); return nil })
	return has, err
}

// run brings the database and the old file or its mark into agreement. Errors say why the
// database must not be used; they leave both as they are.
func (o takeover) run(ctx context.Context, db *database) error {
	if o.off {
		return nil
	}
	removeLeft(o.path)
	old, err := openOld(o.path)
	if err != nil {
		return err
	}
	defer old.close()
	has, err := o.decide(ctx, db, old)
	if err != nil {
		return err
	}
	// From here the database is complete, and a failure only delays the mark.
	if old != nil && !old.mark {
		err = o.keep()
	}
	if err == nil && o.outdated(old, has) {
		err = o.mark(has.id)
	}
	if err != nil {
		o.log.Warn("an earlier version of the program could open accounts.db, which is out of date; it is tried again at the next start",
			slog.String("file", o.path), slog.Any("error", err))
	}
	return nil
}

// decide returns what the database has, before it was filled if it has to be. Only then it
// takes the lock of changes, which another server may hold.
func (o takeover) decide(ctx context.Context, db *database, old *oldFile) (holding, error) {
	has, err := db.holding(ctx)
	if err != nil {
		return has, err
	}
	if fills, err := o.fills(has, old); err != nil || !fills {
		return has, err
	}
	_, err = db.writing(ctx, func(t tx) error {
		has = t.holding()
		if fills, err := o.fills(has, old); err != nil || !fills {
			return err
		}
		return o.fill(t, old, has.id)
	})
	return has, err
}

// fills reports whether the old file has to be taken over, or returns why the database
// must not be used.
func (o takeover) fills(has holding, old *oldFile) (bool, error) {
	switch {
	case has.half:
		return false, fmt.Errorf(`%s is half filled by "pagesession accounts move"; run that command again until it is done`, o.target)
	case old == nil:
		return false, nil
	case old.mark:
		return false, o.agree(has, old)
	case has.taken == old.name:
		return false, nil
	case !has.empty:
		return false, fmt.Errorf("both %s and %q of an earlier version have operators: move the one that is out of date to another folder", o.target, o.path)
	}
	return true, nil
}

// fill writes the old file's content into an empty database with the identity id.
func (o takeover) fill(t tx, old *oldFile, id string) error {
	err := guarded(func() error {
		return old.db.View(func(from *bolt.Tx) error {
			return t.replace(append(tables(), entriesTable), oldContent{from, old.name, id}.rows)
		})
	})
	if err != nil {
		if t.engine.refuses(err) {
			t.out.err = nil // the database is well: the old file has two of one number, or the like
		}
		return old.explain(err)
	}
	o.log.Info("the accounts of an earlier version are taken over", slog.String("from", o.path), slog.String("to", o.target))
	o.report(t)
	return nil
}

// keep gives the old file its second name. It keeps another file of this name.
func (o takeover) keep() error {
	one, err := os.Stat(o.path)
	for n := 1; err == nil; n++ {
		kept := o.path + keptMark
		if n > 1 {
			kept += fmt.Sprint("-", n)
		}
		if other, _ := os.Stat(kept); os.SameFile(one, other) {
			return nil
		}
		if err := linkOrCopy(o.path, kept); !errors.Is(err, fs.ErrExist) {
			return errors.Join(err, disk.SyncFolder(filepath.Dir(kept)))
		}
	}
	return err
}

// linkOrCopy gives a file a second name, or copies it on a file system without links.
func linkOrCopy(from, to string) error {
	err := os.Link(from, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return disk.Create(to, content)
}

package account

import (
	"context"
	"errors"
	"fmt"
)

// A DjangoReport is the result of ImportDjango. In JSON an empty list is [], not null.
type DjangoReport struct {
	Users   []string  `json:"users"`   // usernames that were added, sorted
	Groups  []string  `json:"groups"`  // names of groups that were added, sorted
	Skipped []Skipped `json:"skipped"` // users, groups and parts that were left out
}

// Skipped is a user or group that an import left out, or a part of one that it added, with
// the reason.
type Skipped struct {
	Kind   Kind   `json:"kind"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// ImportDjango adds the users and groups of a Django project's SQLite file in one
// transaction: with password hashes, flags, dates, memberships, and the permissions that
// exist here. It only reads the file. It skips existing names and invalid values. New
// members of an existing group join that group. A user is added without a password if
// the hash is of an unsupported kind or asks for too much work. Errors: ErrNotSQLite,
// ErrUnfinished, ErrNotDjango, ErrForbidden for an actor of the console, ErrFull,
// ErrUnavailable, ErrClosed, or the disk's.
func (s *Store) ImportDjango(ctx context.Context, actor Actor, path string) (report DjangoReport, err error) {
	if actor.Via == ViaConsole {
		return DjangoReport{}, ErrForbidden
	}
	project, err := readDjango(ctx, path, maxDjangoRows)
	if err != nil {
		return DjangoReport{}, err
	}
	i := &djangoImport{
		project: project, groups: map[int64]uint64{},
		report: DjangoReport{Users: []string{}, Groups: []string{}, Skipped: []Skipped{}},
	}
	ctx, cancel := context.WithTimeout(ctx, djangoWriteTime)
	defer cancel()
	err = s.change(ctx, actor, "", func(c *change) error {
		i.change = c
		return i.run()
	})
	if err != nil {
		return DjangoReport{}, err
	}
	return i.report, nil
}

// A djangoProject is the content of a project's file, by Django's ids.
type djangoProject struct {
	users            []djangoUser
	groups           []djangoGroup
	userGroups       map[int64][]int64
	userPermissions  map[int64][]Permission
	groupPermissions map[int64][]Permission
}

type djangoUser struct {
	id int64
	User
	hash string
}

type djangoGroup struct {
	id   int64
	name string
}

// readDjango reads the whole file, up to most rows, before anything is written.
func readDjango(ctx context.Context, path string, most int) (*djangoProject, error) {
	still, err := WatchDjango(path)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, djangoReadTime)
	defer cancel()
	p, err := readProject(ctx, path, most)
	if changed := still(); changed != nil { // any other error may come from that change
		return nil, changed
	}
	if err != nil {
		return nil, djangoError(path, err)
	}
	return p, nil
}

func readProject(ctx context.Context, path string, most int) (*djangoProject, error) {
	db, err := openDjango(ctx, path, most)
	if err != nil {
		return nil, err
	}
	p, err := db.project()
	return p, errors.Join(err, db.Close())
}

func djangoError(path string, err error) error {
	switch {
	case errors.Is(err, ErrNotDjango):
		return fmt.Errorf("%q: %w", path, err)
	case notSQLite(err):
		return fmt.Errorf("%q %w: %w", path, ErrNotSQLite, err)
	default:
		return fmt.Errorf("read %q: %w", path, err)
	}
}

package console

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/backup"
	"pagesession/internal/control"
	"pagesession/internal/page"
	"pagesession/internal/server"
)

// Backups are those that the server keeps in a folder.
type Backups interface {
	control.Backups
	Plan() BackupPlan
	List() ([]backup.Kept, error)
	// Open opens a backup by its name. Errors: fs.ErrNotExist.
	Open(name string) (*os.File, int64, error)
}

// A BackupPlan says where a server keeps backups, and when it makes some.
type BackupPlan struct {
	Folder string
	Every  time.Duration // 0: it makes none by itself
	Keep   int
}

// backupListPage is /admin/backups/.
type backupListPage struct {
	frame
	Plan       BackupPlan
	List       []backup.Kept
	Unreadable bool // the folder cannot be read; the log says why
}

const backupsPath = "/admin/backups/"

// backupList answers GET /admin/backups/, and with ?file=NAME that file.
func (s *console) backupList(r *request) error {
	if name := r.Query("file"); name != "" {
		return s.backupDownload(r, name)
	}
	p := &backupListPage{frame: s.frame(r, "Backups"), Plan: s.Backups.Plan()}
	var err error
	if p.List, err = s.Backups.List(); err != nil {
		p.Unreadable = true
		s.Logger.Error("the folder of backups cannot be read", slog.Any("error", err))
	}
	return s.render(r, "backup_list", p)
}

// backupMake answers POST /admin/backups/. The folder's error is for superusers only, so the page
// may lead to where it is said.
func (s *console) backupMake(r *request) error {
	err := operate(s, r, control.KeepBackup, control.All{}, func(backup.Info) { s.flash(r, page.Success, "backup.made") })
	if errors.Is(err, control.ErrBackup) {
		s.flash(r, page.Error, "backup.failed")
		err = nil
	}
	if err != nil {
		return err
	}
	return r.Redirect(backupsPath, fiber.StatusSeeOther)
}

// backupDownload answers with a backup. There is no download that the audit log does not have.
func (s *console) backupDownload(r *request, name string) error {
	if err := s.Accounts.May(r.UserContext(), r.actor(), account.Superuser); err != nil {
		return err
	}
	file, size, err := s.Backups.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return page.Status(fiber.StatusNotFound)
	}
	if err != nil {
		return err
	}
	if r.Method() == fiber.MethodGet {
		err = s.Accounts.Audit(r.UserContext(), r.actor(), account.Event{Action: account.ActionDownload, Kind: account.KindBackup, Object: name})
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	r.Set(fiber.HeaderContentType, "application/x-tar")
	r.Set(fiber.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	server.Download(r.Context(), file, lengthOf(size))
	return nil
}

// lengthOf returns a size as an int; -1, which says that it is not known before, where an int has
// 32 bits and the size has more.
func lengthOf(size int64) int {
	if n := int(size); int64(n) == size {
		return n
	}
	return -1
}

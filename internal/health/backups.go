package health

import (
	"fmt"
	"time"

	"pagesession/storage"
)

// theBackups is the name of the entry of backups in lists.
const theBackups = "backups"

// OfBackups reports whether this is the entry of backups, which is there only with a notice.
func (f File) OfBackups() bool { return f.Name == theBackups }

// WaitingRestore returns the words for a backup that waits in folder for a restart.
func WaitingRestore(folder string) File {
	f := File{Name: theBackups, Path: folder, State: storage.FileOK.String()}
	f.Notice = "A restored backup waits for the next start. Restart the server: what operators change until then is lost."
	return f
}

// Backups returns the words for a backup that failed. last is when the newest one in folder was
// made; zero: not known.
func Backups(folder string, last time.Time, failed error) File {
	f := File{Name: theBackups, Path: folder, State: storage.FileOK.String()}
	newest := "There is none yet."
	if !last.IsZero() {
		newest = "The newest one is of " + last.UTC().Format("2006-01-02 15:04 MST") + ", and none was removed."
	}
	f.Notice = fmt.Sprintf("The last backup failed: %v. %s Remove the cause; the server tries again.", failed, newest)
	f.Public = "The last backup failed; pagesession status says why."
	return f
}

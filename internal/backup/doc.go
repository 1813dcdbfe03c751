// Package backup writes backups and restores them (ADR 0055).
//
// A backup is one tar file with a fixed list of entries, in this order:
//
//	manifest.json    what it is: product, format, program, time, and each part's size and SHA-256
//	accounts.sqlite  operators, groups and the audit log, at one instant
//	secret.key       the key that seals the secrets of authenticator apps; may be missing
//	settings.env     the settings that differ from the defaults, as a settings file; may be missing
//	sha256           the SHA-256 of all bytes of the file before this entry
//
// The last entry covers everything before it, also the headers of tar, and it can be worked out
// from that: so a backup with one changed, missing or additional byte is refused. Any tar can
// unpack a backup by hand.
//
// Sessions are never in a backup. One that ended after the backup would live again (ADR 0004).
package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Product is in each manifest, so the backup of another program is told apart.
const Product = "pagesession"

// Format is the number of the format that this version writes, and the newest that it reads.
const Format = 1

// The names of the parts, which are the names of the files in the data folder, too.
const (
	AccountsPart = "accounts.sqlite"
	KeyPart      = "secret.key"
	SettingsPart = "settings.env"
)

const (
	manifestEntry = "manifest.json"
	digestEntry   = "sha256"
)

// partNames are the names that a manifest may list, in the order of the entries, with the
// largest size of each. A file of tar's oldest form has less than 8 GiB.
var partNames = [...]struct {
	name string
	most int64
}{
	{AccountsPart, 8<<30 - 1},
	{KeyPart, 4 << 10},
	{SettingsPart, 1 << 20},
}

// mostManifest bounds the manifest, which has less than a kilobyte.
const mostManifest = 64 << 10

// Errors of reading a backup. Each completes a sentence that begins with the file.
var (
	// ErrNotBackup is returned for a file that another program made.
	ErrNotBackup = errors.New("is not a backup of pagesession")
	// ErrDamaged is returned for a backup that is cut, or has changed since it was written.
	ErrDamaged = errors.New("is damaged")
	// ErrNewer is returned for a backup of a newer version of the program.
	ErrNewer = errors.New("is from a newer version")
	// ErrExists is returned when there is a file of the new backup's name.
	ErrExists = errors.New("exists already; choose another name, or remove it")
)

// A Manifest says what a backup has.
type Manifest struct {
	Product string    `json:"product"`
	Format  int       `json:"format"`
	Program string    `json:"program"` // the version that made it
	Time    time.Time `json:"time"`    // the instant of the accounts
	Parts   []Part    `json:"parts"`
}

// A Part is one file in a backup.
type Part struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// parseManifest reads a manifest. An older format would be brought to the newest here.
func parseManifest(text []byte) (m Manifest, err error) {
	if err := json.Unmarshal(text, &m); err != nil || m.Product != Product || m.Format < 1 {
		return Manifest{}, ErrNotBackup
	}
	if m.Format > Format {
		return Manifest{}, fmt.Errorf("%w: it was made by pagesession %.60q in format %d, and this one knows up to %d; restore it with that version or a newer one",
			ErrNewer, m.Program, m.Format, Format)
	}
	return m, m.check()
}

// check returns ErrDamaged unless the parts are some of partNames, in their order, and accounts
// are among them.
func (m Manifest) check() error {
	at := 0
	for _, p := range m.Parts {
		for at < len(partNames) && partNames[at].name != p.Name {
			at++
		}
		if at == len(partNames) || p.Size < 0 || p.Size > partNames[at].most {
			return fmt.Errorf("%w: its manifest has the part %.60q with %d bytes", ErrDamaged, p.Name, p.Size)
		}
		at++
	}
	if len(m.Parts) == 0 || m.Parts[0].Name != AccountsPart {
		return fmt.Errorf("%w: its manifest has no accounts", ErrDamaged)
	}
	return nil
}

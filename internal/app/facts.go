package app

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"pagesession/internal/certificate"
	"pagesession/internal/check"
	"pagesession/internal/config"
	"pagesession/internal/disk"
)

// factsOf collects what checks look at, without the accounts and without what only a running
// server knows. It writes nothing, and waits for the disk.
func factsOf(cfg *config.Config) check.Facts {
	return check.Facts{
		Settings:     settingsFacts(cfg),
		Files:        filesFacts(cfg),
		Certificates: certificateFacts(cfg),
		Disk:         diskFacts(cfg.DataDir),
		Backups:      backupFacts(cfg),
		Clock:        check.Clock{Now: time.Now(), Built: built(), Unsynchronized: unsynchronized()},
		Process:      check.Process{Root: os.Geteuid() == 0, Files: allowedFiles(), Memory: machineMemory()},
	}
}

// built returns the time of the commit that the program was built from; zero if the build has
// no record of it.
func built() (at time.Time) {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return at
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			at, _ = time.Parse(time.RFC3339, s.Value) // zero if it is none
		}
	}
	return at
}

// diskFacts returns how much room the session file has.
func diskFacts(dir string) (d check.Disk) {
	free, _, err := disk.Free(existing(dir))
	if err != nil {
		return d
	}
	d = check.Disk{Known: true, Free: free}
	if info, err := os.Stat(filepath.Join(dir, visitorsFile)); err == nil {
		d.Used = info.Size()
	}
	return d
}

// backupFacts returns what the names of the backups say.
func backupFacts(cfg *config.Config) check.Backups {
	last, _ := backupsOf(cfg).Last(time.Now()) // zero if they cannot be read, which the next backup reports
	return check.Backups{Every: cfg.Backups.Every, Last: last}
}

// existing returns the folder, or the nearest one above it that exists: the first start makes a
// missing data folder.
func existing(dir string) string {
	for dir, err := filepath.Abs(dir); err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return dir
		}
	}
	return dir
}

// certificateFacts returns the server's certificates: none for plain http, and as long as the
// authority has given none.
func certificateFacts(cfg *config.Config) (all []check.Certificate) {
	if cfg.TLSCert != "" {
		leaf, err := certificate.Read(cfg.TLSCert, cfg.TLSKey)
		return append(all, certificateOf(cfg.TLSCert, leaf, err, cfg.AllowedHosts.String()))
	}
	for _, name := range cfg.Domains {
		if leaf, err := certificate.Cached(filepath.Join(cfg.DataDir, acmeFolder), name); leaf != nil || err != nil {
			all = append(all, certificateOf(name, leaf, err, name))
		}
	}
	return all
}

// certificateOf returns what is known of a certificate for these hosts. One for all subdomains
// has to name any of them.
func certificateOf(name string, leaf *x509.Certificate, err error, hosts string) check.Certificate {
	if err != nil {
		return check.Certificate{Name: name, Broken: err.Error()}
	}
	c := check.Certificate{Name: name, Begins: leaf.NotBefore, Ends: leaf.NotAfter}
	for _, host := range list(hosts) {
		example := host
		if strings.HasPrefix(host, ".") {
			example = "www" + host
		}
		if host != "*" && !check.IsLocal(host) && leaf.VerifyHostname(example) != nil {
			c.Uncovered = append(c.Uncovered, host)
		}
	}
	return c
}

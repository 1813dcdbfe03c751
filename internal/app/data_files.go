package app

import (
	"path/filepath"
	"time"

	"pagesession/internal/account"
	"pagesession/storage"
	"pagesession/storage/record"
)

// The databases in the data folder.
const (
	visitorsFile = "sessions.db"
	consoleFile  = "console.db" // operators' sessions
	accountsFile = account.FileName
)

// maxSessionBytes is far above what the pages store in a session: a name, a text.
const maxSessionBytes = 64 << 10

// dataOfSession is room for a name, an address and a browser's User-Agent, which take about 170
// bytes, and a little more.
const dataOfSession = 256

// maxData returns how many bytes all values of so many sessions may have: the storage's
// default, or more, so that many sessions of browsers fit.
func maxData(sessions int) int64 {
	return max(storage.ConfigDefault.MaxBytes, int64(sessions)*dataOfSession)
}

func (a *app) openSessions(file string, most int, idle, absolute time.Duration) (*storage.Storage, error) {
	return storage.OpenContext(a.starting, a.fileConfig(file, most, idle, absolute))
}

func (a *app) fileConfig(file string, most int, idle, absolute time.Duration) storage.Config {
	return storage.Config{
		Database:      filepath.Join(a.cfg.DataDir, file),
		MaxSessions:   most,
		MaxValueBytes: maxSessionBytes,
		MaxBytes:      maxData(most),
		MemoryLimit:   a.memory,
		Takeover:      record.Lifetime{Idle: idle, Absolute: absolute},
		Logger:        a.log,
	}
}

// answerTime is how long a start waits for a PostgreSQL that does not answer, because
// visitors wait meanwhile.
const answerTime = time.Second

// accountsWait returns how long a start waits for an answer of the accounts. One of several
// servers waits longer, to learn whether they are the others' accounts.
func (a *app) accountsWait() time.Duration {
	if a.shared != nil {
		return 0
	}
	return answerTime
}

// openAccounts opens the accounts. wait bounds the time without an answer; 0 for the
// package's own.
func (a *app) openAccounts(wait time.Duration) (err error) {
	cfg := account.Config{
		Path: filepath.Join(a.cfg.DataDir, accountsFile), URL: a.cfg.Accounts, SecretKey: a.key, Required: a.cfg.SecondFactor, Wait: wait, Addresses: a.cfg.ClientAddress, Logger: a.log,
	}
	if !a.isCommand { // a command is gone before it has removed much
		cfg.AuditKeep = a.cfg.AuditKeep
	}
	if a.console != nil && a.key != nil {
		cfg.Shared = a.console.counts()
	}
	a.accounts, err = account.Open(a.starting, cfg)
	return err
}

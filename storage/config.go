package storage

import (
	"cmp"
	"fmt"
	"log/slog"
	"time"

	"pagesession/storage/internal/clock"
	"pagesession/storage/record"
)

// Config says where the sessions are kept and what bounds them. A zero field
// means its default.
type Config struct {
	// Database is the path of the session file. Beside it live a lock file
	// (Database + ".lock") and, for moments, temporary files. The folder
	// must exist; a symbolic link is followed. Default "sessions.db".
	Database string

	// Bucket is the bbolt bucket. Plain values in it, as the stock driver
	// writes them, are taken over. Default "fiber_storage", the stock
	// driver's.
	Bucket string

	// Timeout bounds the wait for a file that another process holds.
	// Default 2 s; an overlapping restart needs less.
	Timeout time.Duration

	// Reset starts without any of the file's sessions. Default false.
	Reset bool

	// Takeover is the lifetime of values that the stock driver wrote,
	// counted from Open. Default: 24 h idle, Fiber's session default.
	Takeover record.Lifetime

	// AcceptBackup lets the sessions of a restored backup live on. What
	// ended after the backup was taken comes back with it. Default false.
	AcceptBackup bool

	// MaxSessions bounds the sessions; a creation beyond it gets ErrFull.
	// Sessions of an older, larger file are kept. Default 1,000,000, about
	// 300 MB of memory for sessions of 60 bytes, without what is memoized.
	MaxSessions int

	// MaxValueBytes bounds one value. Default 64 KiB.
	MaxValueBytes int

	// MaxBytes bounds all values together. Default 1 GiB.
	MaxBytes int64

	// MaxFileBytes bounds the session file. Default 16 GiB.
	MaxFileBytes int64

	// MaxEnded bounds the tombstones. Default 262,144.
	MaxEnded int

	// QueueSize bounds the changes that wait for the disk; one more gets
	// ErrFull at once. As many ends may wait beside them. Default 8,192.
	QueueSize int

	// QueueTimeout bounds the wait in that queue; after it a change that
	// has not been taken up gets ErrUnavailable. Default 5 s.
	QueueTimeout time.Duration

	// FlushInterval is how often touches are written: what a crash can
	// take off a session's time, plus one commit. Default 200 ms, at most 1 s.
	FlushInterval time.Duration

	// SweepInterval is how often memory and file are searched for expired
	// sessions, and so when the space that they take is free again. It decides
	// nothing about who is served. Default 5 s.
	SweepInterval time.Duration

	// Clock tells the time. Default SystemClock().
	Clock Clock

	// Logger gets warnings about the file. Default: slog.Default().
	Logger *slog.Logger
}

// A Clock tells the time. Deadlines are kept on Boot, so neither a step of the wall
// clock nor a suspended machine makes a session live too long. Wall only bridges a
// restart of the machine.
type Clock = clock.Clock

// SystemClock returns the clock of this machine.
func SystemClock() Clock { return clock.System() }

// ConfigDefault is the default configuration. Changing it changes nothing:
// the package reads its own copy.
var ConfigDefault = defaults()

func defaults() Config {
	return Config{
		Database:      "sessions.db",
		Bucket:        "fiber_storage",
		Timeout:       2 * time.Second,
		Takeover:      record.Lifetime{Idle: 24 * time.Hour},
		MaxSessions:   1_000_000,
		MaxValueBytes: 64 << 10,
		MaxBytes:      1 << 30,
		MaxFileBytes:  16 << 30,
		MaxEnded:      1 << 18,
		QueueSize:     8192,
		QueueTimeout:  5 * time.Second,
		FlushInterval: 200 * time.Millisecond,
		SweepInterval: 5 * time.Second,
	}
}

// withDefaults fills zero fields and refuses impossible ones.
func (c Config) withDefaults() (Config, error) {
	d := defaults()
	c.Database = cmp.Or(c.Database, d.Database)
	c.Bucket = cmp.Or(c.Bucket, d.Bucket)
	c.Takeover = cmp.Or(c.Takeover, d.Takeover)
	if c.Clock == nil {
		c.Clock = SystemClock()
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	err := cmp.Or(
		positive("Timeout", &c.Timeout, d.Timeout),
		positive("Takeover.Idle", &c.Takeover.Idle, 0),
		positive("Takeover.Absolute", &c.Takeover.Absolute, 0),
		positive("MaxSessions", &c.MaxSessions, d.MaxSessions),
		positive("MaxValueBytes", &c.MaxValueBytes, d.MaxValueBytes),
		positive("MaxBytes", &c.MaxBytes, d.MaxBytes),
		positive("MaxFileBytes", &c.MaxFileBytes, d.MaxFileBytes),
		positive("MaxEnded", &c.MaxEnded, d.MaxEnded),
		positive("QueueSize", &c.QueueSize, d.QueueSize),
		positive("QueueTimeout", &c.QueueTimeout, d.QueueTimeout),
		positive("FlushInterval", &c.FlushInterval, d.FlushInterval),
		positive("SweepInterval", &c.SweepInterval, d.SweepInterval),
	)
	if err == nil && c.FlushInterval > time.Second {
		err = fmt.Errorf("%w: FlushInterval %v is longer than 1s", ErrConfig, c.FlushInterval)
	}
	return c, err
}

// positive sets a zero field to its default and refuses a negative one.
func positive[T int | int64 | time.Duration](name string, field *T, def T) error {
	if *field = cmp.Or(*field, def); *field < 0 {
		return fmt.Errorf("%w: %s is negative", ErrConfig, name)
	}
	return nil
}

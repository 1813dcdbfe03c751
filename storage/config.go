package storage

import (
	"cmp"
	"fmt"
	"log/slog"
	"time"

	"go.etcd.io/bbolt"

	"pagesession/storage/internal/clock"
	"pagesession/storage/record"
)

// Config says where the sessions are kept and what bounds them. A zero field stands
// for its default; a negative one is ErrConfig.
type Config struct {
	// Database is the path of the session file. Its folder must exist; a symbolic
	// link is followed. Beside the file there is a lock file (Database + ".lock"),
	// and sometimes a temporary file. Default "sessions.db".
	Database string

	// Bucket is the bbolt bucket. The default, "fiber_storage", is that of Fiber's
	// own bbolt driver, whose values are taken over; see Takeover.
	Bucket string

	// Timeout bounds how long Open waits for a file that another process holds.
	// Default 2 s, which is more than an overlapping restart needs.
	Timeout time.Duration

	// ReadOnly opens the file for reading only. Get, Peek, List and Find work.
	// Refresh moves deadlines in this process only. Changes get ErrReadOnly. The
	// file stays as it is. It must exist, be undamaged, and be open in no process
	// that writes. If a process opens it for writing later, this Storage still shows
	// the sessions as they were. Default false.
	ReadOnly bool

	// Reset drops all sessions that are in the file. Default false.
	Reset bool

	// RefuseEnded makes Set return ErrEnded for a key that was deleted or has
	// expired, for ten minutes, or less if more than MaxEnded end. Set it if the
	// keys are session ids, as with Fiber's session middleware: then a Save that
	// lost the race against a deletion does not bring the session back. Default
	// false: Set stores any key again, as limiters and caches need.
	RefuseEnded bool

	// Moving opens a file also if its sessions have moved to another store, or are moving;
	// see Storage.SetMark. Default false: Open returns record.ErrMoved then.
	Moving bool

	// Takeover is the lifetime that Open gives values which Fiber's own bbolt driver
	// wrote. It counts from Open. Default: 24 h idle, the default of Fiber's session
	// middleware.
	Takeover record.Lifetime

	// AcceptBackup keeps the sessions of a restored backup. Sessions that ended
	// after the backup was taken come back as well. Default false: they are all
	// revoked.
	AcceptBackup bool

	// MaxSessions bounds the number of sessions. A creation beyond it gets ErrFull. An
	// expired session counts until it is swept; see SweepInterval.
	// A file with more sessions keeps them. Default 1,000,000, about 190 MB of
	// memory for sessions of 60 bytes, plus what is memoized. A start needs 600 MB.
	MaxSessions int

	// MaxValueBytes bounds one value; a longer one gets ErrTooLarge. Default: what
	// bbolt can store, 2 GiB less 4 KiB. MaxBytes bounds it too.
	MaxValueBytes int

	// MaxBytes bounds all values together. A change beyond it gets ErrFull. The
	// default is 1 GiB.
	MaxBytes int64

	// MaxFileBytes bounds the session file. A change beyond it gets ErrFull. The
	// default is 16 GiB.
	MaxFileBytes int64

	// MemoryLimit is how many bytes of memory the process has, say by its cgroup.
	// Open returns ErrMemory for a file that needs more, before it loads it. Default 0:
	// no limit.
	MemoryLimit int64

	// MaxEnded bounds how many ended sessions are remembered, in memory and in the
	// file; the oldest are forgotten first. Default 262,144.
	MaxEnded int

	// QueueSize bounds the changes that wait for the disk; one more gets ErrFull at
	// once. Ends have as many places of their own. Default 8,192.
	QueueSize int

	// QueueTimeout bounds how long a change waits for its answer, in that queue and
	// for the disk. After that the change is not made and gets ErrUnavailable; an
	// end takes effect and gets ErrNotDurable. The default is 5 s.
	QueueTimeout time.Duration

	// FlushInterval is how often refreshes are written. After a crash a session may
	// end early by this time plus one commit. Default 200 ms, at most 1 s.
	FlushInterval time.Duration

	// SweepInterval is how long one search of all sessions for expired ones takes,
	// and so how soon their memory and their space in the file are free again. A
	// search takes at least 2 µs a session, 20 s for 10,000,000. An expired session
	// is refused at its deadline, swept or not. Default 5 s.
	SweepInterval time.Duration

	// Clock tells the time. Default SystemClock().
	Clock Clock

	// Logger gets warnings and errors about the file. Default slog.Default().
	Logger *slog.Logger

	opened func(*bbolt.DB) // see file.Config
	many   int             // see isCompact
}

// A Clock tells the time. Deadlines follow Boot, which counts suspend, so setting
// the wall clock moves none of them. Wall is used only to bridge a restart of the
// machine. Its methods are called by several goroutines at once.
type Clock = clock.Clock

// SystemClock returns the clock of this machine. Linux has a boot clock; elsewhere a
// wall clock that is set forward may end sessions early.
func SystemClock() Clock { return clock.System() }

// ConfigDefault shows the defaults. It is a copy: to change a setting, pass a Config
// to Open.
var ConfigDefault = defaults()

// maxValueBytes leaves room for the frame around a value (see internal/file).
const maxValueBytes = bbolt.MaxValueSize - 4<<10

func defaults() Config {
	return Config{
		Database:      "sessions.db",
		Bucket:        "fiber_storage",
		Timeout:       2 * time.Second,
		Takeover:      record.Lifetime{Idle: 24 * time.Hour},
		MaxSessions:   1_000_000,
		MaxValueBytes: maxValueBytes,
		MaxBytes:      1 << 30,
		MaxFileBytes:  16 << 30,
		MaxEnded:      1 << 18,
		QueueSize:     8192,
		QueueTimeout:  5 * time.Second,
		FlushInterval: 200 * time.Millisecond,
		SweepInterval: 5 * time.Second,
	}
}

// withDefaults fills zero fields and returns ErrConfig for a field out of its range.
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
		positive("MemoryLimit", &c.MemoryLimit, 0),
		positive("MaxEnded", &c.MaxEnded, d.MaxEnded),
		positive("QueueSize", &c.QueueSize, d.QueueSize),
		positive("QueueTimeout", &c.QueueTimeout, d.QueueTimeout),
		positive("FlushInterval", &c.FlushInterval, d.FlushInterval),
		positive("SweepInterval", &c.SweepInterval, d.SweepInterval),
		positive("many", &c.many, manySessions),
	)
	if err == nil && c.MaxValueBytes > maxValueBytes {
		err = fmt.Errorf("%w: MaxValueBytes is %d; bbolt stores at most %d", ErrConfig, c.MaxValueBytes, maxValueBytes)
	}
	if err == nil && c.FlushInterval > time.Second {
		err = fmt.Errorf("%w: FlushInterval is %v; at most 1s", ErrConfig, c.FlushInterval)
	}
	return c, err
}

// positive sets a zero field to its default and refuses a negative one.
func positive[T int | int64 | time.Duration](name string, field *T, def T) error {
	if *field = cmp.Or(*field, def); *field < 0 {
		return fmt.Errorf("%w: %s is %v; use 0 for the default or a positive value", ErrConfig, name, *field)
	}
	return nil
}

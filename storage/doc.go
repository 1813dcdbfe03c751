// Package storage is a durable, expiring Fiber storage on an embedded bbolt
// file, made for sessions: refreshing one costs no disk access, creating one
// is answered only when it would survive a power cut, and one that has ended
// never comes back.
//
//	store := storage.New(storage.Config{Database: "sessions.db"})
//	defer store.Close()
//	sessions := session.New(session.Config{Storage: store, Expiration: 20 * time.Second})
//
// # Guarantees
//
//   - Set, Create, Replace, Rotate, End, Delete and Reset return after their
//     change is durable (fsync), or with an error and no change. Calls that
//     wait at the same time share one fsync.
//   - Readers see a change only once it is durable. One exception errs on the
//     safe side: a session whose end is under way is refused from that instant.
//   - A session is served at every millisecond before its deadline and at none
//     after it, by a clock that counts suspend and down-time and does not go
//     back. See [Clock].
//   - Refresh moves the deadline in memory at once and on disk within
//     [Config.FlushInterval] plus one commit. After a crash a session may end
//     that much early, never late. After Close nothing is lost.
//   - A key that was ended, or that expired, is refused by every later Set for
//     ten minutes (bounded by [Config.MaxEnded]), and by Replace forever.
//   - A damaged file is moved aside and reported, never overwritten. A damaged
//     entry costs one session; where entries are missing, none is kept.
//   - Everything is bounded: sessions, bytes, queue, tombstones, file size.
//     At a bound a creation gets [ErrFull]; nothing live is thrown out.
//
// # What can be lost
//
// Losing the file loses the sessions. A session that ended after a backup was
// taken cannot be told from one that did not, so a restored backup brings back
// no session as live unless [Config.AcceptBackup] says otherwise.
//
// # How it works
//
// Memory is the truth while the process lives; the file is what survives it.
// The index (internal/index) holds every session. One goroutine (writer.go)
// commits what has queued. Records and touches stand in the file in time order
// (internal/file), because a B+tree rewrites every leaf it touches and
// ids are random. Open (open.go) verifies the old file,
// reads it, drops what has expired and writes a fresh compact one.
package storage

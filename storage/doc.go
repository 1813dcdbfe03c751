// Package storage keeps sessions in one bbolt file on the local disk.
//
// It is made for sessions that every request extends. Extending a session works in
// memory. Creating, changing or ending one returns once the change would survive a
// power cut. A session that has ended stays ended.
//
//	store, err := storage.Open(storage.Config{Database: "sessions.db", RefuseEnded: true})
//	if err != nil {
//		return err
//	}
//	defer store.Close()
//
// There are three ways to use a [Storage]:
//
//   - Fiber's session middleware, v2 and v3, takes it as its Storage. The methods
//     are [Storage.Get], [Storage.Set], [Storage.Delete] and [Storage.Reset]. Get
//     extends no session: with this middleware, Save does. Set
//     [Config.RefuseEnded]. For a limiter, a cache or other data, leave it false.
//   - Package pagesession/session takes [Storage.Sessions] as its Store. There,
//     every visit extends the session in memory.
//   - Your own code calls [Storage.Create], [Storage.Refresh], [Storage.Replace],
//     [Storage.Rotate] and [Storage.End] with a record.Key, the SHA-256 of a
//     session id. The file and the logs hold keys, from which the cookie cannot be
//     computed.
//
// For an operator there are [Storage.List], [Storage.Find], [Storage.EndMany],
// [Storage.EndAll], [Storage.Stats], [Storage.Backup] and [Config.ReadOnly].
//
// # Guarantees
//
// A change is durable when it survives a power cut, and visible when readers see it.
//
//   - Create, Replace, Rotate, Set, End, EndMany, EndAll, Delete and Reset return
//     nil once their change is durable (one fsync, shared by all calls that wait at
//     the same time). An error means that nothing changed; [Storage.EndMany] and
//     [ErrEnded] name the exceptions.
//   - A change becomes visible after it is durable. A session that is being ended
//     is the one exception: it is refused from the moment of the call.
//   - A session is served at every millisecond before its deadline and at none from
//     the deadline on. The clock counts suspend and downtime and never goes back;
//     see [Clock].
//   - A refresh moves the deadline in memory at once, and on disk within
//     [Config.FlushInterval] plus one commit.
//   - A key that has ended or expired is refused by Create, and with
//     [Config.RefuseEnded] by Set, for ten minutes, or less if more than
//     [Config.MaxEnded] end. Replace refuses it forever. Without RefuseEnded, Set
//     stores any key again, as other Fiber storages do.
//   - Sessions, bytes, the queue, the memory of ended sessions and the size of the
//     file are all bounded. At a bound, a creation gets [ErrFull], and all live
//     sessions stay.
//
// # What can be lost
//
//   - After a crash, a session may end early by up to FlushInterval plus one
//     commit, the refreshes that were not on disk yet. It never ends late. After
//     [Storage.Close] nothing is lost.
//   - A damaged entry costs its own session. If entries are missing from the file,
//     all sessions in it are dropped, because a missing entry may be the end of
//     one. A damaged file is kept under another name and reported to
//     [Config.Logger].
//   - A restored backup brings no session back unless [Config.AcceptBackup] is set:
//     the backup holds sessions as live that ended after it was taken.
//   - If you lose the file, you lose the sessions.
//
// # When the disk fails
//
// Reads and refreshes go on in memory. Ends take effect at once and return
// [ErrNotDurable]. Other changes return [ErrFull] while the disk is full, and
// [ErrUnavailable] after any other error. The storage tries again by itself; after a
// failed write or fsync it builds a new file from memory. [Stats] has the state of
// the file.
//
// # Limits
//
//   - One process at a time opens a file. A second one gets [ErrInUse].
//   - All sessions are in memory: about 300 MB for a million of 60 bytes.
//   - Open takes about 0.1 s per 100,000 sessions while the system has the file in its
//     memory.
//
// # Keys that visitors choose
//
// A key is the SHA-256 of a session id, or of a key of Fiber, and the index takes
// bits of it as its hash, without a seed. Random session ids are safe with that. Where
// keys are made of what visitors send, as in a cache or a limiter, people who can
// choose them can make lookups slow: 20,000 chosen keys held a lock for 0.7 s. Put a
// random text that only this process knows before such keys, in Fiber's KeyGenerator:
// then visitors cannot compute the SHA-256. The next process has another text, so it
// does not find the earlier entries, and they expire.
//
// # How it works
//
// While the process runs, memory holds the truth; the file is what survives the
// process. The index (internal/index) holds every session. One goroutine
// (writer.go) commits the changes that have queued. The file (internal/file) holds
// records and touches in the order of time: a B+tree rewrites every page that a
// commit changes, and random ids would spread each commit over many pages. Open
// (open.go) verifies the old file, reads it, drops expired sessions and writes a
// fresh, compact file in its place, unless the old one is large and compact already.
package storage

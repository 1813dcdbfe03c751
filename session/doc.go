// Package session gives visitors sessions that each visit extends, without a
// write of its own to the disk.
//
// A [Policy] decides how a session is started, looked at, refreshed, changed,
// rotated and ended. It knows no web framework: it takes the [Token] that a
// request's cookie carries, and returns a [View] of the session and the
// [Cookie] to send. Packages below this one adapt it to Fiber v2, Fiber v3 and
// net/http; most programs use one of those.
//
// A session has two timeouts. The idle timeout starts again with every refresh
// and every change; each session can have its own. The absolute timeout runs
// from the session's creation and never starts again. A session that has ended
// never comes back: a change that was under way when it ended gets [ErrEnded].
//
// A [Store] keeps the sessions. Package storage has one in a file on the local
// disk; package storetest checks any other.
//
// Values are kept as Fiber's own session middleware keeps them, a gob of a
// map[string]any, so that handlers written for that middleware see them too.
package session

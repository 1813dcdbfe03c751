// Package move moves sessions from one store to another while they are served (ADR 0049).
//
// A [Store] stands between the session policy and the store that has the sessions. At rest it
// passes every call on. While a move is under way there are two stores, the source and the
// target. A session is where the source has it, and otherwise where the target has it; new
// ones are created in the target. A goroutine hands over the sessions of the source, until
// there are none.
//
// # Handing over
//
// Calls about a session enter its door. To hand the session over its door is shut: no other
// call enters, and those inside are waited for. Then the target adopts the session as it is,
// the source disowns it durably, and the door opens.
//
// If the process dies before the source has disowned a session, both stores have it. The one
// in the target is stale, and must never be served instead of a later state, or after the
// session's end. Three rules see to that: the source is asked first; changes hand a session
// over before they are made, so at the source there are only visits and ends; and ends are
// made in the target before the source. So a stale session has a deadline that is never later
// than that of the one in the source, and it is replaced, or ended, before that one goes.
//
// # Order of locks
//
// Handing over enters the barrier first and shuts doors after that. Ends of many sessions shut
// the barrier, so no session passes from the one store to the other behind them.
package move

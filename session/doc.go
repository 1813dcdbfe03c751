// Package session gives the visitors of a server sessions that every visit extends.
// With package pagesession/storage, a visit extends its session in memory, and many
// visits share one write to the disk.
//
// The package knows no web framework. A [Policy] takes the [Token] that a request's
// cookie carries, and returns a [View] of the session and the [Cookie] to send. Most
// programs use an adapter, which reads the cookie of the request and sends the
// cookie of the response:
//
//   - pagesession/session/nethttp for net/http
//   - pagesession/session/fiberv2 for Fiber v2
//   - pagesession/session/fiberv3 for Fiber v3, a module of its own
//
// With net/http:
//
//	store, err := storage.Open(storage.Config{Database: "sessions.db"})
//	if err != nil {
//		return err
//	}
//	defer store.Close()
//	cfg := nethttp.DefaultConfig() // 20 s idle timeout, 12 h absolute timeout
//	cfg.Store = store.Sessions()
//	sessions, err := nethttp.New(cfg)
//	if err != nil {
//		return err
//	}
//	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
//		view, err := sessions.Refresh(w, r)
//		if err != nil {
//			http.Error(w, "try again", http.StatusServiceUnavailable)
//			return
//		}
//		fmt.Fprintln(w, view.State, view.Values.String("name"))
//	})
//
// # Operations
//
//   - Refresh extends the visitor's session and returns it. Peek returns it and
//     extends nothing.
//   - Start changes the values of the visitor's session, and creates the session if
//     there is none. Update changes a live session only. Both extend it.
//   - Rotate gives a session a new id. Do that when a visitor signs in: inside
//     Start, [Draft.Rotate] changes id and values in one step.
//   - End ends the visitor's session. EndSubject ends the sessions of one person on
//     all their devices; see [Config.SubjectValue].
//   - Wait returns when a session has ended, for streams and WebSockets.
//   - Clock answers the routes of <session-clock>, an element that counts the session
//     down in the browser. Call the adapter's Clock, which mounts them.
//
// # Timeouts
//
// The idle timeout runs from the last refresh or change. Each session can have its
// own. The absolute timeout runs from the creation of the session; nothing extends
// it. When either has passed, the session has expired.
//
// # Guarantees
//
//   - A session that has ended or expired stays ended. A change that is under way
//     at that moment gets [ErrEnded].
//   - A change returns after the store has made it durable. Only then is there a
//     cookie to send.
//   - Changes of one session come one after the other: each sees what the one
//     before it left.
//   - A new session gets an id of 130 random bits, never one that came with the
//     request.
//
// # Stores
//
// A [Store] keeps the sessions. Package pagesession/storage has one in a file on the
// local disk. To write another, test it with package pagesession/session/storetest,
// which also has a store in memory for tests.
//
// Values are encoded as Fiber's session middleware encodes them, as a gob of a
// map[string]any, so handlers that were written for that middleware can read them.
package session

// Package redis keeps sessions in Redis 7 or newer, or in Valkey, so that several servers
// share them: one Redis, a master with replicas behind Sentinel, or a Cluster. A [Store] is
// the session.Store that package session needs.
//
//	store, err := redis.Open(ctx, redis.Config{Addresses: []string{"127.0.0.1:6379"}})
//	if err != nil { ... }
//	defer store.Close()
//	policy, err := session.New(session.Config{Store: store})
//
// [Store.Storage] is a storage for other middlewares of Fiber.
//
// # Servers
//
// [Store.Announce] lets the servers that share the sessions know each other. [Store.Lease] gives
// work to one of them, and [Store.Keep] keeps a value that all of them have to agree on.
// [Store.Table] has small values that they change together.
//
// # Guarantees
//
// A session that has ended stays ended, whatever runs on other servers, as long as the
// Redis server that answered the end keeps its data. It is never served at or after its
// deadline, by the clock of the Redis server that has it. A change is seen whole or not at
// all.
//
// What was answered is as durable as Redis makes it. Without an append-only file a crash
// loses all sessions; with appendfsync everysec, the last second. A failover loses what the
// new master had not received, about the last second, and that can bring back a session
// that was ended within it. With Config.Replicas an end waits for replicas.
//
// A session that timed out is reported as ended without a reason: its key is gone, and
// Redis does not say which of the timeouts it was.
//
// # Failures
//
// Every method returns record.ErrUnavailable when Redis does not answer within
// Config.CommandTimeout, and at once while it is known to be away. A change that returns it
// may have been made if only the answer was lost; it is not made later than
// CommandTimeout after the call. A failure is never reported as a missing session.
//
// At Redis's maxmemory, creations and changes return record.ErrFull; visits and ends go on.
package redis

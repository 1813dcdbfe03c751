package redis

import (
	"sync"
	"sync/atomic"

	"github.com/redis/rueidis"
)

// A Store keeps sessions in Redis: a session.Store, a session.Memoizer, a session.Limiter
// and a session.Watcher. It is safe for concurrent use. Make one with Open.
type Store struct {
	cfg     Config
	client  rueidis.Client
	scripts scripts
	known   *known
	clock   clock
	waits   *waits
	limits  limits
	beat    beat
	tally   tally

	breakers [tags]breaker
	running  atomic.Int64 // calls
	retries  atomic.Uint64
	cause    atomic.Pointer[error] // of the last call that opened a breaker
	closed   atomic.Bool
	stop     func()         // ends the goroutines
	done     sync.WaitGroup // of the goroutines
}

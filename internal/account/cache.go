package account

import (
	"sync"
	"time"
)

// cacheTime is how long a change by another process, or by hand, may stay unseen.
const cacheTime = time.Second

// A cache holds the users who visited the console within the last second. It is safe for
// concurrent use.
type cache struct {
	now func() time.Time

	mu    sync.Mutex
	round uint64 // counts calls of forget
	users map[uint64]cachedUser
}

type cachedUser struct {
	User
	read time.Time
}

func newCache(now func() time.Time) *cache { return &cache{now: now, users: map[uint64]cachedUser{}} }

// get returns a user that was read within cacheTime, or reads them. What was read before
// a change is not kept after it.
func (c *cache) get(id uint64, read func() (User, error)) (User, error) {
	at := c.now()
	c.mu.Lock()
	u, ok := c.users[id]
	round := c.round
	c.mu.Unlock()
	if age := at.Sub(u.read); ok && age >= 0 && age < cacheTime {
		return u.lent(), nil
	}
	fresh, err := read()
	if err != nil {
		return User{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.round == round {
		c.users[id] = cachedUser{fresh, at}
	}
	return fresh.lent(), nil
}

// forget empties the cache. So it holds only users who visited since the last change.
func (c *cache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.round++
	clear(c.users)
}

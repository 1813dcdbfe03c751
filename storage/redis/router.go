package redis

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

// A router is the client of a Cluster that finds a new master at once. The client inside
// reads the map of the slots again up to two seconds after a call failed. The router then
// asks every node whether it is a master, and of which slots, and for some seconds sends
// commands to the nodes that say so. Of two that say it of a slot the one with the later epoch
// has it, so a master that was replaced gets nothing. It is safe for concurrent use.
type router struct {
	rueidis.Client
	start  time.Time
	next   atomic.Int64            // when the nodes may be asked again, in nanoseconds since start
	owners atomic.Pointer[[]owner] // nil: the client inside knows best

	mu     sync.Mutex // protects closed, and asking from beginning after it
	closed bool
	asking sync.WaitGroup // the goroutine that asks; there is one at most
}

// An owner is what a node says of itself.
type owner struct {
	node  rueidis.Client
	epoch int64
	slots [][2]int      // first and last
	moves []int         // slots that are moving, which the client inside handles
	until time.Duration // when it is forgotten; since start
}

const (
	askGap     = 100 * time.Millisecond // between two times that the nodes are asked
	askTime    = 250 * time.Millisecond // for an answer
	ownerStays = 3 * time.Second        // the client inside has read the map by then
)

// Do implements rueidis.Client.
func (r *router) Do(ctx context.Context, cmd rueidis.Completed) rueidis.RedisResult {
	client := r.of(cmd)
	answer := client.Do(ctx, cmd)
	r.learn(client, answer.Error())
	return answer
}

// DoMulti implements rueidis.Client. Only commands of one slot are sent another way.
func (r *router) DoMulti(ctx context.Context, cmds ...rueidis.Completed) []rueidis.RedisResult {
	client := r.of(cmds...)
	answers := client.DoMulti(ctx, cmds...)
	for _, a := range answers {
		r.learn(client, a.Error())
	}
	return answers
}

// Close implements rueidis.Client.
func (r *router) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.asking.Wait()
	r.Client.Close()
}

// of returns the client for commands.
func (r *router) of(cmds ...rueidis.Completed) rueidis.Client {
	owners := r.owners.Load()
	if owners == nil || len(cmds) == 0 {
		return r.Client
	}
	slot := cmds[0].Slot()
	for i := range cmds {
		if cmds[i].Slot() != slot {
			return r.Client
		}
	}
	if c := latest(*owners, int(slot), time.Since(r.start)); c != nil {
		return c.node
	}
	return r.Client
}

// latest returns the latest owner of a slot; nil: there is none.
func latest(owners []owner, slot int, now time.Duration) (best *owner) {
	for i := range owners {
		c := &owners[i]
		if now < c.until && c.has(slot) && (best == nil || c.epoch > best.epoch) {
			best = c
		}
	}
	return best
}

func (c *owner) has(slot int) bool {
	if slices.Contains(c.moves, slot) {
		return false
	}
	for _, s := range c.slots {
		if s[0] <= slot && slot <= s[1] {
			return true
		}
	}
	return false
}

// learn asks the nodes when an error of a client says that the map may be old.
func (r *router) learn(from rueidis.Client, err error) {
	if v := judge(err); v != again && v != away {
		return
	}
	now, next := time.Since(r.start), r.next.Load()
	if int64(now) < next || !r.next.CompareAndSwap(next, int64(now+askTime+askGap)) {
		return
	}
	if from != r.Client {
		r.owners.Store(nil) // the owner is old, or the slot is moving
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.asking.Go(r.ask)
	}
}

// ask asks all nodes.
func (r *router) ask() {
	ctx, cancel := context.WithTimeout(context.Background(), askTime)
	defer cancel()
	var all sync.WaitGroup
	var mu sync.Mutex // protects owners
	var owners []owner
	for _, node := range r.Client.Nodes() {
		all.Go(func() {
			text, err := node.Do(ctx, node.B().ClusterNodes().Build()).ToString()
			c, ok := parseOwner(text)
			if err != nil || !ok {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			c.node, c.until = node, time.Since(r.start)+ownerStays
			owners = append(owners, c)
		})
	}
	all.Wait()
	r.owners.Store(&owners)
	r.next.Store(int64(time.Since(r.start) + askGap))
}

// parseOwner reads what a node says of itself in the answer to CLUSTER NODES: id, address,
// flags, master, ping, pong, epoch, link, slots. It returns false for a replica.
func parseOwner(text string) (c owner, ok bool) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 8 || !strings.HasPrefix(f[2], "myself,master") {
			continue
		}
		c.epoch, _ = strconv.ParseInt(f[6], 10, 64)
		for _, slots := range f[8:] {
			c.add(slots)
		}
		return c, true
	}
	return c, false
}

// add adds slots in the form 7, 7-9, or, for one that is moving, [7->-id] or [7-<-id].
func (c *owner) add(slots string) {
	first, last, ranged := strings.Cut(slots, "-")
	if moving, ok := strings.CutPrefix(first, "["); ok {
		if slot, err := strconv.Atoi(moving); err == nil {
			c.moves = append(c.moves, slot)
		}
		return
	}
	if !ranged {
		last = first
	}
	from, err1 := strconv.Atoi(first)
	to, err2 := strconv.Atoi(last)
	if err1 == nil && err2 == nil {
		c.slots = append(c.slots, [2]int{from, to})
	}
}

package servers

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"pagesession/storage/redis"
)

const (
	announceEvery = time.Second
	// noticeAfter is how long something has to be wrong before it is a notice: longer than
	// the announcement of a killed server lasts.
	noticeAfter = redis.MemberStays + time.Second
)

// A Group is this server among those that share the sessions. It is safe for concurrent use.
type Group struct {
	cfg  Config
	id   string // of this start of the server; made by chance
	stop func()
	done sync.WaitGroup  // of the goroutines
	ctx  context.Context // done when they have to end

	// Only run's goroutine uses these.
	renewed  time.Time            // when the digest of the key was renewed last
	otherKey bool                 // the board has another digest
	seen     map[string]time.Time // notices, and since when they are true

	mu      sync.Mutex // protects the fields below
	peers   []peer
	at      time.Time // when peers were read; zero: never
	notices []string
}

// Close takes this server's announcement away, and ends the work in the background. On a nil
// Group it does nothing. Call it once.
func (g *Group) Close() {
	if g == nil {
		return
	}
	g.stop()
	g.done.Wait()
	g.withdraw()
}

// ID returns the ID of this server's announcement; "" of a nil Group.
func (g *Group) ID() string {
	if g == nil {
		return ""
	}
	return g.id
}

// Servers returns all servers that run, by name; this one alone while Redis is away. A nil
// Group has none.
func (g *Group) Servers() []Server {
	if g == nil {
		return nil
	}
	list := []Server{serverOf(g.cfg.Info(), true)}
	for _, p := range g.current() {
		if !p.Starting {
			list = append(list, serverOf(p.Info, false))
		}
	}
	slices.SortStableFunc(list, func(a, b Server) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func serverOf(i Info, this bool) Server {
	return Server{Name: i.Name, Version: i.Version, Since: i.Started, Refreshes: i.Rates[refreshes], This: this}
}

// Notices returns what is wrong among the servers, in sentences. A nil Group has none.
func (g *Group) Notices() []string {
	if g == nil {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.notices
}

// Rate returns the sum of the other servers' last rates of a figure. Those of a server that was
// killed count for two seconds at most. A nil Group has 0.
func (g *Group) Rate(figure string) (sum float64) {
	if g == nil {
		return 0
	}
	for _, p := range g.current() {
		if p.fresh() {
			sum += p.Rates[figure]
		}
	}
	return sum
}

// current returns the other servers as they were read last, unless that has lapsed.
func (g *Group) current() []peer {
	g.mu.Lock()
	defer g.mu.Unlock()
	age := time.Since(g.at)
	var list []peer
	for _, p := range g.peers {
		if p.left -= age; p.left > 0 {
			list = append(list, p)
		}
	}
	return list
}

func (g *Group) run(ctx context.Context) {
	tick := time.NewTicker(announceEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			g.beat(ctx)
		}
	}
}

// beat announces this server, and looks at the others. While the board is away nothing
// changes, and what is known lapses.
func (g *Group) beat(ctx context.Context) {
	peers, err := g.announce(ctx, func(*Info) {})
	if err != nil {
		return
	}
	g.renewKey(ctx)
	notices := g.ripe(g.now(peers))
	g.mu.Lock()
	defer g.mu.Unlock()
	g.peers, g.at, g.notices = peers, time.Now(), notices
}

// renewKey keeps the digest of the key on the board, also of a board that lost it.
func (g *Group) renewKey(ctx context.Context) {
	if !g.renewed.IsZero() && time.Since(g.renewed) < keyEvery {
		return
	}
	own := g.cfg.Info().Key
	if kept, err := g.cfg.Board.Keep(ctx, keyName, own, keyStays); err == nil {
		g.renewed, g.otherKey = time.Now(), kept != own
	}
}

// now returns the notices that are true now, also those that are not ripe.
func (g *Group) now(peers []peer) []string {
	all := []Info{g.cfg.Info()}
	for _, p := range peers {
		if !p.Starting && p.fresh() {
			all = append(all, p.Info)
		}
	}
	list := noticesOf(all)
	if g.otherKey && len(all) == 1 {
		list = append(list, "This server signs with another key than the servers that ran before it, so no other server with its key can start: "+keyCure+".")
	}
	return list
}

// ripe returns the notices that have been true for noticeAfter, and logs those that are new.
func (g *Group) ripe(list []string) (notices []string) {
	before := g.seen
	g.seen = map[string]time.Time{}
	for _, text := range list {
		since, ok := before[text]
		if !ok {
			since = time.Now()
		}
		g.seen[text] = since
		if time.Since(since) < noticeAfter {
			continue
		}
		if notices = append(notices, text); !slices.Contains(g.Notices(), text) {
			g.cfg.Logger.Warn("servers that share the sessions: " + text)
		}
	}
	return notices
}

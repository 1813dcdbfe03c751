package scenario

import (
	"fmt"
	"math"
	"slices"

	"pagesession/bench/peer"
	"pagesession/bench/report"
)

// What the sheet assumes. None of it is measured.
const (
	busy         = 0.6   // part of a core, a network card or a disk that is planned for: failovers and upgrades take the rest
	serverCores  = 16    // of one machine with a server
	masterMemory = 32e9  // bytes of sessions in one master; a rewrite of the append-only file may need as much again
	cardBits     = 10e9  // bits a second of a network card
	diskBytes    = 200e6 // bytes a second that a disk takes in sequence
	clusterNodes = 1000  // masters that a Cluster of Redis is made for
)

// A cost is what one session and one refresh take, as measured.
type cost struct {
	session, bare        float64 // bytes in Redis, with the index and without
	server, redis        float64 // microseconds of processor time
	toRedis, fromRedis   float64 // bytes
	request, answer, aof float64 // bytes
}

// A need is how many masters of Redis one resource asks for.
type need struct {
	what    string
	masters int
}

// masters returns what each resource of Redis needs, the largest first: the first is what
// breaks first.
func (c cost) masters(sessions, refreshes float64) []need {
	up := func(v float64) int { return max(1, int(math.Ceil(v))) }
	list := []need{
		{"memory", up(sessions * c.session / masterMemory)},
		{"processor", up(refreshes * c.redis / 1e6 / busy)},
		{"append-only file", up(refreshes * c.aof / (diskBytes * busy))},
		{"network", up(refreshes * max(c.toRedis, c.fromRedis) * 8 / (cardBits * busy))},
	}
	slices.SortStableFunc(list, func(a, b need) int { return b.masters - a.masters })
	return list
}

// sheet returns the lines for that many live sessions and refreshes a second.
func (c cost) sheet(sessions, refreshes float64) (lines report.Lines) {
	cores := refreshes * c.server / 1e6
	machines := math.Ceil(cores / busy / serverCores)
	gigabits := func(bytes float64) float64 { return refreshes * bytes * 8 / 1e9 }
	lines.Add("servers: %.0f cores of work, %.0f with %.0f %% busy; %.0f machines of %d cores; visitors send %.1f Gbit/s and get %.1f, so %.2f Gbit/s for each machine",
		cores, cores/busy, busy*100, machines, serverCores, gigabits(c.request), gigabits(c.answer), gigabits(c.answer)/machines)
	lines.Add("Redis: %.1f GB of sessions (%.1f GB without the index); %.1f cores of work; %.1f Gbit/s to it, %.1f from it; %.0f MB/s into append-only files, %.1f TB a day before they are rewritten",
		sessions*c.session/1e9, sessions*c.bare/1e9, refreshes*c.redis/1e6, gigabits(c.toRedis), gigabits(c.fromRedis), refreshes*c.aof/1e6, refreshes*c.aof*86400/1e12)
	lines.Add("one core of Redis does at most %.0f refreshes a second, one of a server %.0f", 1e6/c.redis, 1e6/c.server)
	needs, text := c.masters(sessions, refreshes), ""
	for _, n := range needs {
		text += fmt.Sprintf(", %s %d", n.what, n.masters)
	}
	lines.Add("masters of Redis, for each resource: %s; so %d masters with as many replicas, each with %.1f million sessions and %.0f refreshes a second",
		text[2:], needs[0].masters, sessions/1e6/float64(needs[0].masters), refreshes/float64(needs[0].masters))
	lines.Add("what breaks first: the %s of Redis", needs[0].what)
	if needs[0].masters > clusterNodes {
		lines.Add("a Cluster of Redis is made for %d masters: this needs more, so divide the visitors among several", clusterNodes)
	}
	return lines
}

// costOf returns what was measured under a load.
func costOf(r *report.Report, measure string) (c cost, ok bool) {
	memory, ok1 := r.Find(measureMemory, "redis")
	of, ok2 := r.Find(measure, peer.Product)
	return cost{
		session: memory.Median(indexedBytes), bare: memory.Median(aloneBytes),
		server: of.Median(report.CPU), redis: of.Median(redisCPU), toRedis: of.Median(toRedis), fromRedis: of.Median(fromRedis),
		request: of.Median(askedBytes), answer: of.Median(answerBytes), aof: of.Median(aofBytes),
	}, ok1 && ok2 && of.Median(report.CPU) > 0 && of.Median(redisCPU) > 0
}

func showSizing(o *Options, r *report.Report) {
	r.About.Add("one server on one Redis with appendonly yes, appendfsync everysec; client %s, rounds %d of %s, medians (min..max), sessions %d, seed %d", o.Client, o.Rounds, o.Duration, o.Sessions, o.Seed)
	r.Summaries = report.Summarize(r.Measurements)
	r.Tables = append(r.Tables, report.Table{Title: "memory of Redis, bytes for each session", Measure: measureMemory, Subject: "", Columns: []report.Column{
		{Title: "with the index", Figure: indexedBytes}, {Title: "without", Figure: aloneBytes},
	}})
	for _, measure := range []string{measureFull, measureSlow} {
		r.Tables = append(r.Tables, report.Table{Title: "GET /get/, " + sizingTitle(o, measure), Measure: measure, Subject: "", Columns: []report.Column{
			{Title: "requests/s", Figure: report.Rate}, {Title: "server's CPU us", Figure: report.CPU, Digits: 1}, {Title: "Redis's CPU us", Figure: redisCPU, Digits: 1},
			{Title: "bytes to Redis", Figure: toRedis}, {Title: "from Redis", Figure: fromRedis}, {Title: "AOF bytes", Figure: aofBytes},
			{Title: "HTTP request bytes", Figure: askedBytes}, {Title: "answer bytes", Figure: answerBytes},
		}})
		c, ok := costOf(r, measure)
		r.Blame(!ok, "%s: processor time or memory could not be measured", measure)
		if !ok {
			continue
		}
		r.Facts.Add("for %d live sessions and %d refreshes a second, if each costs what it does %s:", o.ForSessions, o.ForRefreshes, sizingTitle(o, measure))
		for _, line := range c.sheet(float64(o.ForSessions), float64(o.ForRefreshes)) {
			r.Facts.Add("  %s", line)
		}
	}
	for _, s := range r.Summaries {
		r.Blame(s.Measure != measureMemory && !s.Flawless(), "%s: %s", s.Measure, s.Counts)
	}
	addAssumptions(r)
}

func sizingTitle(o *Options, measure string) string {
	if measure == measureFull {
		return fmt.Sprintf("as fast as %d connections can", o.Connections)
	}
	return fmt.Sprintf("at %d a second", o.Rate)
}

// addAssumptions names what the sheet takes for granted.
func addAssumptions(r *report.Report) {
	r.Facts.Add("assumed: %.0f %% busy; machines of %d cores like this one's; %.0f GB of sessions in a master, on a machine with twice that; network cards of %.0f Gbit/s; disks of %.0f MB/s",
		busy*100, serverCores, masterMemory/1e9, cardBits/1e9, diskBytes/1e6)
	r.Facts.Add("assumed: sessions and refreshes spread evenly over masters and servers; the cost of a session and of a refresh is the same for many as for few")
	r.Facts.Add("left out: creations, changes, ends and streams; TLS; the headers of TCP and IP; the balancer; replication, which sends each master's append-only bytes once more for each replica")
}

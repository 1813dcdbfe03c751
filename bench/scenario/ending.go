package scenario

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/peer"
)

const measureEnding = "ending"

// The phases of a round, in their order.
const (
	endingBefore = "before"
	endingDuring = "while they end"
	endingAfter  = "after"
)

// leavingName is the name in the sessions that the operator ends. The others have
// load.VisitorName, which a search for it does not find.
const leavingName = "Leaving"

// mostGone is about how many of the ended sessions are asked for afterwards.
const mostGone = 1000

func endingScenario() Scenario {
	return Scenario{
		Name:  "ending",
		About: "what visitors notice while an operator ends a million sessions",
		Defaults: func(o *Options) {
			o.Sessions, o.Visited, o.Rate, o.Duration = 1_000_000, 5_000, 2_000, 15*time.Second
		},
		Flags: "sessions visited rounds duration rate connections no-floors results",
		Check: func(o *Options) error {
			if o.Visited > o.Sessions {
				return fmt.Errorf("-visited %d is more than -sessions", o.Visited)
			}
			return nil
		},
		Run: runEnding, Show: showEnding,
	}
}

// An endingRun is one round: a product of its own, and what was planted for it.
type endingRun struct {
	*Bench
	round    int
	srv      peer.Server
	operator *operator
	staying  []string // sessions that the visitors request
	gone     []string // some of those that the operator ends
	live     int      // sessions that the console lists afterwards
}

// runEnding plants the sessions anew for each round, so that each ends as many.
func runEnding(ctx context.Context, b *Bench) error {
	if err := b.fits("fewer -sessions", b.planted()); err != nil {
		return err
	}
	b.Patience = startTime(b.planted())
	for round := range b.Rounds {
		r := &endingRun{Bench: b, round: round + 1}
		if err := r.run(ctx); err != nil {
			return fmt.Errorf("round %d: %w", r.round, err)
		}
	}
	b.judgeEnding()
	return nil
}

// planted is how many sessions a round begins with.
func (o *Options) planted() int { return o.Sessions + o.Visited }

// run does the round in a folder that it removes, so the disk holds one round at a time.
func (r *endingRun) run(ctx context.Context) error {
	dir := filepath.Join(r.dir, measureEnding)
	defer os.RemoveAll(dir)
	if err := r.plant(ctx, dir); err != nil {
		return err
	}
	debug.FreeOSMemory() // of the store that wrote them
	password, err := createOperator(ctx, r.Workshop, dir)
	if err != nil {
		return err
	}
	_, err = r.life(ctx, dir, maxSessionsFlag(r.planted()), func(ctx context.Context, srv peer.Server) (err error) {
		r.srv = srv
		if r.operator, err = signIn(ctx, srv.URL, password); err != nil {
			return err
		}
		return r.measure(ctx)
	})
	return err
}

// plant writes the session file. Those that stay are spread among the others.
func (r *endingRun) plant(ctx context.Context, dir string) error {
	fmt.Fprintf(r.progress, "[%d/%d] writing %d sessions\n", r.round, r.Rounds, r.planted())
	stay, err1 := peer.SessionValue(load.VisitorName)
	leave, err2 := peer.SessionValue(leavingName)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	ids, err := peer.WriteValues(ctx, dir, r.planted(), peer.LongLife(), func(i int) []byte {
		if r.stays(i) {
			return stay
		}
		return leave
	})
	for i, id := range ids {
		switch {
		case r.stays(i):
			r.staying = append(r.staying, id)
		case i%max(1, r.planted()/mostGone) == 0:
			r.gone = append(r.gone, id)
		}
	}
	load.Shuffle(r.staying, r.Seed)
	return err
}

// stays reports whether session i of a round is one that the visitors request.
func (o *Options) stays(i int) bool {
	before := int64(i) * int64(o.Visited) / int64(o.planted())
	return before != int64(i+1)*int64(o.Visited)/int64(o.planted())
}

// measure runs the phases.
func (r *endingRun) measure(ctx context.Context) error {
	l := r.visits()
	if _, err := load.Verify(l); err != nil {
		return err
	}
	if first, err := load.Each(ctx, l); err != nil || !first.Flawless() {
		return errors.Join(err, fmt.Errorf("request each session once: %s", first.Counts))
	}
	if err := sleep(ctx, settleTime); err != nil {
		return err
	}
	before, err := r.quiet(ctx, endingBefore)
	if err != nil {
		return err
	}
	during, err := r.end(ctx)
	if err != nil {
		return err
	}
	after, err := r.quiet(ctx, endingAfter)
	if err != nil {
		return err
	}
	compareEnding(before, during, after)
	return r.check(ctx)
}

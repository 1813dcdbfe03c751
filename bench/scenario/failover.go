package scenario

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/peer"
	"pagesession/bench/report"
)

const measureFailover = "failover"

// Limits and sizes of the failover.
const (
	failedMaster     = 1 // a node's number
	failoverVisitors = 16
	failoverQuiet    = 2 * time.Second // without a refusal: the service is back
	failoverLongest  = time.Minute     // from the kill until then
	failoverMargin   = time.Second     // by which the service may be back later than the Cluster
	failoverGenerous = 3 * time.Second // the same on a busy machine
)

// Figures of a failover.
const (
	awaySeconds     = "seconds_without_service"
	promotedSeconds = "seconds_until_promoted"
)

// A failoverRun kills a master of a Cluster under load.
type failoverRun struct {
	*Bench
	cluster  *peer.RedisCluster
	srv      peer.Server
	ledger   *failoverLedger
	visitors []*failoverVisitor
	cut      time.Duration // how long before the kill the replica gets nothing any more
	promoted time.Duration // after the kill
}

// cutTime is shorter than lostWithin, so that the contract allows what is lost.
const cutTime = 500 * time.Millisecond

// runFailovers kills a master whose replica has nearly all, and one whose replica has fallen
// behind, so that something is lost. A generous run is in a hurry, and has the second alone.
func (r *redisRun) runFailovers(ctx context.Context) error {
	if !r.Generous {
		if err := r.runFailover(ctx, 0); err != nil {
			return err
		}
	}
	return r.runFailover(ctx, cutTime)
}

// runFailover starts a Cluster and the packages on it, and runs the failover.
func (r *redisRun) runFailover(ctx context.Context, cut time.Duration) error {
	fmt.Fprintln(r.progress, "failover: starting a Cluster")
	dir, err := os.MkdirTemp(r.dir, "cluster-")
	if err != nil {
		return fmt.Errorf("create a folder for the Cluster: %w", err)
	}
	f := &failoverRun{Bench: r.Bench, ledger: newFailoverLedger(), cut: cut}
	if f.cluster, err = peer.StartCluster(ctx, dir); err != nil {
		return err
	}
	defer func() { _ = f.cluster.Kill() }() // a node that resists has been reported at its start
	w := r.Workshop
	w.Redis = f.cluster.Addrs()
	if f.srv, err = peer.OnRedis(peer.Packages)[0].Start(ctx, w, dir); err != nil {
		return err
	}
	defer func() { _ = f.srv.Stop() }()
	alive, release := f.srv.WhileAlive(ctx)
	defer release()
	return f.run(alive)
}

// run puts the load on the server, kills the master, waits until the service is back, and
// judges.
func (f *failoverRun) run(ctx context.Context) error {
	loaded, stop := context.WithCancel(ctx)
	defer stop()
	var all sync.WaitGroup
	for i := range failoverVisitors {
		v := &failoverVisitor{
			failoverLedger: f.ledger, number: i, conn: load.DialWithin(f.srv.URL, failoverPatience),
			masterOf: f.cluster.MasterOf, chance: rand.New(rand.NewPCG(f.Seed, uint64(i))),
		}
		f.visitors = append(f.visitors, v)
		all.Go(func() { v.run(loaded) })
	}
	err := f.fail(ctx)
	stop()
	all.Wait()
	if err != nil {
		return err
	}
	return f.conclude()
}

// fail kills the master after a while, and returns when the service is back.
func (f *failoverRun) fail(ctx context.Context) error {
	if err := sleep(ctx, f.Window); err != nil {
		return err
	}
	fmt.Fprintln(f.progress, "failover: killing a master")
	if f.cut > 0 {
		err := f.cluster.Cut(ctx, failedMaster)
		if err := errors.Join(err, sleep(ctx, f.cut)); err != nil {
			return err
		}
	}
	killed := time.Now()
	f.ledger.kill(killed)
	if err := f.cluster.Nodes[failedMaster].Kill(); err != nil {
		return err
	}
	if err := f.cluster.Promoted(ctx, failedMaster); err != nil {
		return err
	}
	f.promoted = time.Since(killed)
	for f.ledger.quiet(time.Now()) < failoverQuiet || time.Since(killed) < f.promoted+failoverQuiet {
		if time.Since(killed) > failoverLongest {
			return errors.New("a minute after a master was killed, requests are still refused")
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// conclude looks at each session and reports.
func (f *failoverRun) conclude() error {
	conn := load.DialWithin(f.srv.URL, failoverPatience)
	defer conn.Close()
	var found [2]failoverVerdict
	for _, v := range f.visitors {
		for _, a := range v.all {
			if err := found[groupOf(a.failing)].judge(conn, []*redisAccount{a}, f.killed(), peer.LongLife().Idle); err != nil {
				return err
			}
		}
	}
	f.report(found)
	return nil
}

func (f *failoverRun) killed() time.Time { return time.Unix(0, f.ledger.killed.Load()) }

// subjects are the names of the groups in the report.
func (f *failoverRun) subjects() []string {
	behind := ""
	if f.cut > 0 {
		behind = fmt.Sprintf(", replica %s behind", f.cut)
	}
	return []string{"other masters" + behind, "failed master" + behind}
}

// report adds the figures of both groups, and judges them.
func (f *failoverRun) report(found [2]failoverVerdict) {
	for group, subject := range f.subjects() {
		v, answers := found[group], f.ledger.groups[group]
		figures := report.Figures{
			"sessions": float64(v.Judged), "ended": float64(v.Ended), "lost": float64(v.Lost), "revived": float64(v.Revived),
			"unextended": float64(v.Unextended), "refused": float64(answers.refused), "answered": float64(answers.Good),
			awaySeconds: f.ledger.away(group).Seconds(),
		}
		figures.TakeTimes(load.Result{Latency: answers.Latency()})
		f.Report.Measurements = append(f.Report.Measurements, report.Measurement{Measure: measureFailover, Subject: subject, Figures: figures})
		for _, what := range v.Broken {
			f.Report.Bad.Add("failover: %s", what)
		}
	}
	f.Report.Facts.Add("failover: the replica was a master %.2f s after the kill; the service of its sessions was back after %.2f s", f.promoted.Seconds(), f.ledger.away(groupFailed).Seconds())
	f.judge()
}

// judge compares the times with the limits.
func (f *failoverRun) judge() {
	away, margin := f.ledger.away(groupFailed), failoverMargin
	if f.Generous {
		margin = failoverGenerous
	}
	f.Report.Blame(away > f.promoted+margin, "failover: the service was back after %.2f s; want at most %s after the Cluster, which took %.2f s", away.Seconds(), margin, f.promoted.Seconds())
	f.Report.Blame(f.ledger.groups[groupFailed].refused == 0, "failover: no request was refused; want the kill to be noticed")
	f.Report.Blame(f.ledger.groups[groupOthers].refused > 0 && !f.Generous, "failover: %d requests about the other masters' sessions were refused", f.ledger.groups[groupOthers].refused)
	f.Report.Blame(len(f.ledger.wrong) > 0, "failover: %d wrong answers; the first: %q", len(f.ledger.wrong), append(f.ledger.wrong, "")[0])
}

// failoverTable shows both groups.
func failoverTable() report.Table {
	return report.Table{
		Title: "failover: a master of a Cluster is killed under load", Measure: measureFailover, Subject: "sessions of", Columns: []report.Column{
			{Title: "sessions", Figure: "sessions"}, {Title: "ended", Figure: "ended"}, {Title: "answers", Figure: "answered"}, {Title: "503", Figure: "refused"},
			{Title: "s without service", Figure: awaySeconds, Digits: 2}, {Title: "p99 ms", Figure: report.P99, Digits: 1},
			{Title: "lost", Figure: "lost"}, {Title: "revived", Figure: "revived"}, {Title: "extensions lost", Figure: "unextended"},
		},
	}
}

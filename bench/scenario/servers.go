package scenario

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/peer"
	"pagesession/bench/report"
	"pagesession/deploy/onemachine"
)

// The measures of the scenario servers: the same load for each server, and as fast as it goes.
const (
	measureEqual = "equal"
	measureFull  = "full"
)

// Figures of several servers. report.CPU has the mean of the servers.
const (
	worstCPU = "worst_server_cpu_us_per_request"
	nginxCPU = "nginx_cpu_us_per_request"
)

// mostServers is how many servers share sessions. As many run apart.
const mostServers = 3

// apart is the subject of three servers at the same time that share nothing but the machine:
// each has sessions of its own, in a database of its own of the same Redis.
const apart = "3 apart"

func serversScenario() Scenario {
	return Scenario{
		Name:  "servers",
		About: "one, two and three servers behind nginx on one Redis",
		Defaults: func(o *Options) {
			o.Rounds, o.Sessions, o.Rate, o.Duration, o.Connections = 6, 15_000, 1000, 4*time.Second, 32
		},
		Flags: "duration rounds connections threads sessions seed rate client no-floors results",
		Check: func(o *Options) error {
			if least := mostServers * o.Rate; o.Sessions < least {
				return fmt.Errorf("-sessions %d is less than %d requests a second, so ids would come again within a second", o.Sessions, least)
			}
			if o.Threads > o.Connections {
				return fmt.Errorf("-threads %d is more than -connections", o.Threads)
			}
			return nil
		},
		Run: runServers, Floors: serversFloors(), Show: showServers,
	}
}

// A serversRun is one run of the scenario. Its servers run all the time; the loads choose.
type serversRun struct {
	*Bench
	client  load.Client
	machine *onemachine.Machine
	ids     [1 + mostServers][]string // of those that share, and of each apart
	each    map[string]*[mostServers][]float64
}

func runServers(ctx context.Context, b *Bench) (err error) {
	r := &serversRun{Bench: b, each: map[string]*[mostServers][]float64{"3": {}, apart: {}}}
	if r.client, err = load.Choose(b.Client, b.dir); err != nil {
		return err
	}
	b.Client = r.client.Name
	dir, err := enterable()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if r.machine, err = onemachine.Start(ctx, onemachine.Config{
		Dir: dir, Program: b.Product, Servers: mostServers, Apart: mostServers,
		Ports: ports(), Flags: []string{"--idle-timeout", "30m"},
	}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.machine.Stop()) }()
	if err := r.warmUp(ctx); err != nil {
		return err
	}
	for round := range b.Rounds {
		for _, step := range r.steps(round) {
			if err := r.take(ctx, round, step); err != nil {
				return err
			}
		}
	}
	r.judge()
	return nil
}

// enterable returns a new folder that PostgreSQL's user can enter.
func enterable() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "pagesession-bench-"); err == nil {
		err = os.Chmod(dir, 0o711)
	}
	if err != nil {
		err = fmt.Errorf("create a folder for the programs: %w", err)
	}
	return dir, err
}

// ports returns the ports of nginx: before each server alone, those apart too, before the
// first two, and before all that share.
func ports() []onemachine.Port {
	var list []onemachine.Port
	for i := range 2 * mostServers {
		list = append(list, onemachine.Port{Servers: []int{i}})
	}
	return append(list, onemachine.Port{Servers: []int{0, 1}}, onemachine.Port{})
}

const (
	portTwo   = 2 * mostServers
	portThree = portTwo + 1
)

// A serversStep is one load: which ports of nginx get it, with which ids, and which servers are
// behind them.
type serversStep struct {
	measure, subject string
	ports            []int
	ids              int
	servers          []int
}

// steps returns the loads of a round. Each server is the one alone in turn: one of the three
// does the chores for all.
func (r *serversRun) steps(round int) []serversStep {
	alone, all := round%mostServers, []int{0, 1, 2}
	return []serversStep{
		{measureEqual, "1", []int{alone}, 0, []int{alone}},
		{measureEqual, "2", []int{portTwo, portTwo}, 0, []int{0, 1}},
		{measureEqual, "3", []int{portThree, portThree, portThree}, 0, all},
		{measureEqual, apart, []int{3, 4, 5}, 1, []int{3, 4, 5}},
		{measureFull, "1", []int{alone}, 0, []int{alone}},
		{measureFull, "2", []int{portTwo}, 0, []int{0, 1}},
		{measureFull, "3", []int{portThree}, 0, all},
	}
}

// warmUp creates the sessions, and has each server meet each that it will be asked for.
func (r *serversRun) warmUp(ctx context.Context) (err error) {
	for i, n := 0, r.Sessions; i <= mostServers; i, n = i+1, r.Sessions/mostServers {
		first := "http://" + r.machine.Servers[max(0, i-1+mostServers*min(i, 1))].Addr
		if r.ids[i], err = load.Seed(ctx, first, n, r.Seed); err != nil {
			return err
		}
	}
	for i, s := range r.machine.Servers {
		l := r.loadOf("http://"+s.Addr, r.ids[max(0, i-mostServers+1)])
		if _, err := load.Verify(l); err != nil {
			return err
		}
		res, err := load.Each(ctx, l)
		if err == nil && !res.Flawless() {
			err = fmt.Errorf("the first look at each session through %s: %s", s.Name, res.Counts)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *serversRun) loadOf(base string, ids []string) load.Load {
	return load.Load{
		URL: base + "/get/", IDs: ids, Expect: load.Live(), Connections: r.Connections, Threads: r.Threads,
		Duration: r.Duration, Rate: float64(r.Rate),
	}
}

// take runs one load.
func (r *serversRun) take(ctx context.Context, round int, s serversStep) error {
	before, err := r.usage()
	if err != nil {
		return err
	}
	m := report.Measurement{Measure: s.measure, Subject: s.subject, Round: round + 1, Figures: report.Figures{}}
	if err := r.load(ctx, s, &m); err != nil {
		return err
	}
	after, err := r.usage()
	if err != nil {
		return err
	}
	r.attribute(&m, before, after, s.servers)
	r.Report.Measurements = append(r.Report.Measurements, m)
	fmt.Fprintf(r.progress, "%s %s, round %d: %.0f requests/s, %s\n", m.Measure, m.Subject, m.Round, m.Figures[report.Rate], m.Counts)
	return nil
}

// load loads all ports of a step at the same time. At a fixed rate each has a part of the ids of
// its own, so that no id comes again soon.
func (r *serversRun) load(ctx context.Context, s serversStep, m *report.Measurement) error {
	var all sync.WaitGroup
	results, errs := make([]load.Result, len(s.ports)), make([]error, len(s.ports))
	for i, port := range s.ports {
		ids := r.ids[s.ids*(i+1)]
		if s.ids == 0 {
			ids = ids[i*len(ids)/len(s.ports) : (i+1)*len(ids)/len(s.ports)]
		}
		l := r.loadOf("http://"+r.machine.Ports[port], ids)
		all.Go(func() {
			if s.measure == measureEqual {
				results[i] = load.Open(ctx, l)
				return
			}
			l.Rate, l.Duration = 0, l.Duration/2
			results[i], errs[i] = r.client.Run(ctx, l)
		})
	}
	all.Wait()
	rate, asked := 0.0, 0.0
	for _, res := range results {
		m.Take(res)
		rate, asked = rate+res.Rate(), asked+res.Asked
	}
	m.Figures[report.Rate], m.Figures[report.Asked] = rate, asked
	return errors.Join(append(errs, context.Cause(ctx))...)
}

// A serversUsage has the processor time of each program so far.
type serversUsage struct {
	servers      [2 * mostServers]time.Duration
	redis, nginx time.Duration
}

func (r *serversRun) usage() (u serversUsage, err error) {
	of := func(p *onemachine.Process) time.Duration {
		used, ok := peer.CPUTimeOf(p.PID)
		if !ok {
			err = errors.Join(err, fmt.Errorf("read the processor time of %s", p.Name))
		}
		return used
	}
	for i, s := range r.machine.Servers {
		u.servers[i] = of(s)
	}
	u.redis, u.nginx = of(r.machine.Redis), of(r.machine.Nginx)
	return u, err
}

// attribute adds the processor time of a request. nginx gives each server the same number of
// requests.
func (r *serversRun) attribute(m *report.Measurement, before, after serversUsage, servers []int) {
	var sum, worst time.Duration
	answered := m.Counts.Answered()
	rounds := r.each[m.Subject]
	for at, i := range servers {
		used := after.servers[i] - before.servers[i]
		sum, worst = sum+used, max(worst, used)
		if m.Measure == measureEqual && rounds != nil && answered > 0 {
			rounds[at] = append(rounds[at], float64(used.Microseconds())*mostServers/float64(answered))
		}
	}
	m.Figures.TakeCPU(report.CPU, sum, answered)
	m.Figures.TakeCPU(worstCPU, worst*time.Duration(len(servers)), answered)
	m.Figures.TakeCPU(redisCPU, after.redis-before.redis, answered)
	m.Figures.TakeCPU(nginxCPU, after.nginx-before.nginx, answered)
}

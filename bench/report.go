package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// A report is everything that a run found, with what is needed to repeat it.
type report struct {
	Command     string       `json:"command"`
	Time        time.Time    `json:"time"`
	Machine     machine      `json:"machine"`
	Client      string       `json:"client"`
	Peers       []about      `json:"peers"`
	Setup       setup        `json:"setup"`
	Summaries   []summary    `json:"summaries"`
	Comparisons []comparison `json:"comparisons"`
	Idle        *idleResult  `json:"idle_session,omitempty"`
	Notes       []string     `json:"notes,omitempty"`
	Runs        []run        `json:"runs"`

	floors []floor // by which it was judged
}

// about says who a peer is.
type about struct {
	Name string `json:"name"`
	Is   string `json:"is"`
}

// A setup is the options that shape the figures.
type setup struct {
	Rounds            int     `json:"rounds"`
	Seconds           float64 `json:"seconds"`
	Connections       int     `json:"connections"`
	CreateConnections int     `json:"create_connections"`
	Threads           int     `json:"threads"`
	Sessions          int     `json:"sessions"`
	Seed              uint64  `json:"seed"`
}

// newReport summarizes and judges what ran.
func newReport(opt options, runs []run) report {
	summaries := summarize(runs)
	var names, peers = []string{}, []about{}
	for _, m := range measures(opt) {
		names = append(names, m.name)
	}
	if len(chooseOpenPeers(opt)) > 0 {
		names = append(names, openMeasure)
	}
	names = append(names, cpuMeasure) // comes with refresh
	for _, p := range choosePeers(opt.only) {
		peers = append(peers, about{p.name, p.about})
	}
	floors := floorsOf(opt.generous, names...)
	return report{
		Time:  time.Now().UTC(),
		Peers: peers,
		Setup: setup{
			Rounds: opt.rounds, Seconds: opt.duration.Seconds(), Connections: opt.connections,
			CreateConnections: opt.createConnections, Threads: opt.threads,
			Sessions: opt.sessions, Seed: opt.seed,
		},
		Summaries:   summaries,
		Comparisons: compare(summaries, floors),
		Notes:       append(notes(opt.threads, runs), openNotes(summaries)...),
		Runs:        runs,
		floors:      floors,
	}
}

// describe adds what it ran on and with.
func (r report) describe(client string, m machine) report {
	r.Client, r.Machine = client, m
	r.Notes = append(r.Notes, diskNotes(m)...)
	for _, p := range allPeers() {
		if p.missing() {
			r.Notes = append(r.Notes, fmt.Sprintf("%s did not run: %s is not installed", p.name, p.needs))
		}
	}
	return r
}

// missed reports whether a floor of that measure was missed: against that
// peer, or, for ours, against any.
func (r report) missed(measure, peer string) bool {
	return slices.ContainsFunc(r.Comparisons, func(c comparison) bool {
		sameLoad := c.Measure == measure || c.Measure == cpuMeasure && measure == refresh
		return c.Missed && sameLoad && (c.Peer == peer || peer == ours)
	})
}

// onlyFloorsMissed reports whether another try may help: every answer of ours
// was right, and it was too slow.
func (r report) onlyFloorsMissed() bool {
	return r.failed(false) && !r.failed(true)
}

// failed reports whether ours gave a bad answer or missed a floor. Bad
// answers count whether floors do or not.
func (r report) failed(noFloors bool) bool {
	for _, s := range r.Summaries {
		if s.Peer == ours && !s.flawless() {
			return true
		}
	}
	if r.Idle != nil && r.Idle.Bad != "" {
		return true
	}
	return !noFloors && slices.ContainsFunc(r.Comparisons, func(c comparison) bool { return c.Missed })
}

// usualFsyncMS is the disk that the floors against stock are for: stock does
// two fdatasync for each refresh, so a disk twice as fast halves the ratio.
const usualFsyncMS = 0.25

// diskNotes says what a disk makes of durable figures.
func diskNotes(m machine) []string {
	switch {
	case m.FsyncMS < 0.02:
		return []string{"an fsync takes no time here: the folder is not on a disk (set TMPDIR), durable figures say nothing"}
	case m.FsyncMS < usualFsyncMS/2:
		return []string{fmt.Sprintf("the disk is fast (fsync %.2f ms; the floors against stock are for %g ms): stock gains more by it than ours", m.FsyncMS, usualFsyncMS)}
	case m.FsyncMS > usualFsyncMS*2:
		return []string{fmt.Sprintf("the disk is slow (fsync %.2f ms; the floors against stock are for %g ms): stock loses more by it than ours", m.FsyncMS, usualFsyncMS)}
	}
	return nil
}

// notes says what makes figures doubtful.
func notes(threads int, runs []run) []string {
	var list []string
	for _, r := range runs {
		if r.Note != "" {
			list = append(list, fmt.Sprintf("%s, round %d: %s", r.Peer, r.Round, r.Note))
		}
		if between := revisit(threads, r); between > idleTimeout/2 {
			list = append(list, fmt.Sprintf("%s, round %d: %d ids at %.0f requests/s are each visited only every %s: sessions that expired did so by the bench's own fault",
				r.Peer, r.Round, r.IDs, r.rate(), between.Round(time.Second)))
		}
	}
	return list
}

// revisit is the longest time between two visits of one id: each thread goes
// round all of them. 0 where no ids are visited or nothing was answered.
func revisit(threads int, r run) time.Duration {
	if r.rate() == 0 {
		return 0
	}
	perThread := r.rate() / float64(threads)
	return time.Duration(float64(r.IDs) / perThread * float64(time.Second))
}

// print writes the report for people.
func (r report) print(out io.Writer) {
	fmt.Fprintf(out, "\n%s\n", r.Command)
	fmt.Fprintf(out, "%s, %s, %d cores, %s, %s, commit %s, fsync %.2f ms\n", r.Time.Format(time.DateTime+" MST"),
		r.Machine.CPU, r.Machine.Cores, r.Machine.System, r.Machine.Go, r.Machine.Commit, r.Machine.FsyncMS)
	fmt.Fprintf(out, "client %s, threads %d, rounds %d of %g s, medians (min..max), sessions %d, seed %d\n",
		r.Client, r.Setup.Threads, r.Setup.Rounds, r.Setup.Seconds, r.Setup.Sessions, r.Setup.Seed)
	r.printMeasure(out, refresh, fmt.Sprintf("refresh: GET /get/, %d connections", r.Setup.Connections))
	r.printMeasure(out, create, fmt.Sprintf("create: GET /set/ without a cookie, %d connections, durable when answered", r.Setup.CreateConnections))
	r.printOpen(out)
	r.printPeers(out)
	r.printCrashes(out)
	if r.Idle != nil {
		fmt.Fprintln(out, "idle session:", r.Idle)
	}
	for _, note := range r.Notes {
		fmt.Fprintln(out, "note:", note)
	}
	r.printVerdict(out)
}

func (r report) printMeasure(out io.Writer, measure, title string) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, s := range r.Summaries {
		if s.Measure != measure {
			continue
		}
		if title != "" {
			fmt.Fprintf(table, "\n%s\npeer\trequests/s\tp50 ms\tp99 ms\tp99.9 ms\terrors\texpired\twrong\tcrashes\tCPU us\tbody bytes\tours is\tours' CPU is\n", title)
			title = ""
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%s\t%d\t%s\t%s\n", s.Peer,
			show(s.Rate, 0), show(s.P50, 2), show(s.P99, 2), show(s.P999, 2),
			s.Errors, s.Expired, s.Wrong, len(s.Crashes), show(s.CPU, 1), s.Bytes, r.showRatio(s.Measure, s.Peer), r.showCPU(s))
	}
	_ = table.Flush()
}

// show writes a spread, or a dash where there is no figure.
func show(s *spread, digits int) string {
	if s == nil {
		return "-"
	}
	return fmt.Sprintf("%.*f (%.*f..%.*f)", digits, s.Median, digits, s.Min, digits, s.Max)
}

// showCPU writes how many times a peer's processor time ours is.
func (r report) showCPU(s summary) string {
	if s.Measure != refresh {
		return ""
	}
	return r.showRatio(cpuMeasure, s.Peer)
}

// showRatio writes how many times a peer's figure ours is, and the floor.
func (r report) showRatio(measure, peer string) string {
	for _, c := range r.Comparisons {
		if c.Measure == measure && c.Peer == peer {
			return c.verdict()
		}
	}
	return ""
}

// printPeers says who the peers are.
func (r report) printPeers(out io.Writer) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table)
	for _, p := range r.Peers {
		fmt.Fprintf(table, "%s\t%s\n", p.Name, p.Is)
	}
	_ = table.Flush()
}

func (r report) printCrashes(out io.Writer) {
	for _, s := range r.Summaries {
		for _, c := range s.Crashes {
			fmt.Fprintf(out, "%s %s crashed after %d requests, %.2f s: %s\n", s.Measure, s.Peer, c.After, c.Seconds, c.Cause)
		}
	}
}

// printVerdict ends the report with what was bad, what was not judged, or
// that all is well.
func (r report) printVerdict(out io.Writer) {
	bad := r.complaints()
	for _, line := range bad {
		fmt.Fprintln(out, "BAD:", line)
	}
	for _, f := range unjudged(r.floors, r.Comparisons) {
		fmt.Fprintf(out, "not judged: %s %s times %s\n", f.measure, f.bound(), f.peer)
	}
	if len(bad) == 0 && len(r.Comparisons) > 0 {
		fmt.Fprintln(out, "GOOD: every answer of ours was right, no floor was missed")
	}
}

// complaints are the reasons to leave with 1; a missed floor is one even
// where it only is reported.
func (r report) complaints() []string {
	var list []string
	for _, s := range r.Summaries {
		if s.Peer == ours && !s.flawless() {
			list = append(list, fmt.Sprintf("%s of ours had %d good answers, %d errors, %d expired, %d wrong, %d crashes",
				s.Measure, s.Good, s.Errors, s.Expired, s.Wrong, len(s.Crashes)))
		}
	}
	for _, c := range r.Comparisons {
		if c.Missed {
			list = append(list, fmt.Sprintf("%s against %s: %s", c.Measure, c.Peer, c.verdict()))
		}
	}
	if r.Idle != nil && r.Idle.Bad != "" {
		list = append(list, "the idle session: "+r.Idle.Bad)
	}
	return list
}

// writeJSON writes the whole report.
func (r report) writeJSON(file string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return writeResult(file, append(data, '\n'))
}

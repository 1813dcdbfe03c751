package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// A report is everything that a run found, with what is needed to repeat it.
type report struct {
	heading
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
		heading: heading{Time: time.Now().UTC()},
		Peers:   peers,
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

// describe adds what it ran on and with. Where an fsync takes no time there is
// nothing durable to compare with, and nothing is judged against stock.
func (r report) describe(client string, m machine) report {
	r.Client, r.Machine = client, m
	if m.FsyncMS < noDiskMS {
		r.floors = slices.DeleteFunc(slices.Clone(r.floors), func(f floor) bool { return f.peer == "stock" })
		r.Comparisons = compare(r.Summaries, r.floors)
	}
	r.Notes = append(r.Notes, diskNotes(m)...)
	for _, p := range allPeers() {
		if p.missing() {
			r.Notes = append(r.Notes, fmt.Sprintf("%s did not run: %s is not installed", p.name, p.needs))
		}
	}
	return r
}

// missed reports whether a floor was missed that the loads of that measure
// are judged by.
func (r report) missed(measure string) bool {
	return slices.ContainsFunc(r.Comparisons, func(c comparison) bool {
		return c.Missed && (c.Measure == measure || c.Measure == cpuMeasure && measure == refresh)
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

// noDiskMS is less than any disk needs: it is memory that looks like one.
const noDiskMS = 0.02

// diskNotes says what a disk makes of durable figures.
func diskNotes(m machine) []string {
	switch {
	case m.FsyncMS < noDiskMS:
		return []string{"an fsync takes no time here: the folder is not on a disk (set TMPDIR), durable figures say nothing, and are not judged"}
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

// writeJSON writes the whole report.
func (r report) writeJSON(file string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return writeResult(file, append(data, '\n'))
}

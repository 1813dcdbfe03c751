package metrics

import (
	"slices"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"

	"pagesession/internal/account"
	"pagesession/internal/backup"
	"pagesession/internal/limit"
	"pagesession/internal/monitor"
	"pagesession/internal/server"
	"pagesession/storage"
	"pagesession/storage/redis"
)

// full returns a reading of sessions in the file, or on Redis, with all that may be in it.
func full(onRedis bool) *Reading {
	r := &Reading{
		Started: time.Unix(1_700_000_000, 0), Ready: true, Live: 7, DiskFree: 1, DiskSize: 2, Servers: 3, Notices: 1,
		Backups: backup.State{Made: 2, Failed: 1, Last: time.Unix(1_700_000_100, 0)},
		Server:  server.Stats{Refused: 5}, Refused: limit.Refused{Rate: 6}, SignIns: account.SignIns{2, 3},
	}
	for _, of := range Limits {
		r.Uses = append(r.Uses, Use{of, 1, 10})
	}
	for _, kind := range monitor.MemoryKinds {
		r.Memory = append(r.Memory, monitor.MemoryUse{Kind: kind, Bytes: 1})
	}
	for _, name := range Parts {
		r.Parts = append(r.Parts, Part{name, "full"})
	}
	if onRedis {
		r.Redis = &redis.Stats{Creations: 11, TimedOut: 12, CallTotal: time.Second}
		r.Redis.Calls.Add(time.Second)
		return r
	}
	r.File = &storage.Stats{Creations: 11, Ends: storage.Ends{Idle: 12}, CommitTotal: 30 * time.Millisecond}
	r.File.CommitTime.Add(10 * time.Millisecond)
	r.File.CommitTime.Add(20 * time.Millisecond)
	return r
}

// gathered returns what a scrape of a reading has, by name.
func gathered(t *testing.T, r *Reading) map[string]*dto.MetricFamily {
	t.Helper()
	registry, err := newRegistry(Table(new(Requests)), "v1", func() *Reading { return r })
	if err != nil {
		t.Fatal(err)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*dto.MetricFamily{}
	for _, f := range families {
		all[f.GetName()] = f
	}
	return all
}

// Each metric comes where its row says, with values of labels that its row has, and only those.
func TestCollect_AsInTheTable(t *testing.T) {
	for _, r := range []*Reading{full(false), full(true)} {
		all := gathered(t, r)
		for _, m := range Table(nil) {
			f, has := all[m.FullName()]
			if has != m.isOf(r) {
				t.Errorf("%s on Redis %v: %v; want %v", m.Name, r.Redis != nil, has, m.isOf(r))
			}
			for _, each := range f.GetMetric() {
				for _, pair := range each.GetLabel() {
					i := slices.IndexFunc(m.Labels, func(l Label) bool { return l.Name == pair.GetName() })
					if i < 0 || !slices.Contains(m.Labels[i].Values, pair.GetValue()) {
						t.Errorf("%s has %s=%q, which its row lacks", m.Name, pair.GetName(), pair.GetValue())
					}
				}
			}
		}
	}
}

func TestCollect_Values(t *testing.T) {
	all := gathered(t, full(false))
	if got := all["pagesession_sessions_live"].Metric[0].GetGauge().GetValue(); got != 7 {
		t.Errorf("live sessions = %v; want 7", got)
	}
	if got := all["pagesession_sessions_created_total"].Metric[0].GetCounter().GetValue(); got != 11 {
		t.Errorf("created = %v; want 11", got)
	}
	h := all["pagesession_commit_duration_seconds"].Metric[0].GetHistogram()
	if h.GetSampleCount() != 2 || h.GetSampleSum() != 0.03 {
		t.Errorf("commits: %v; want 2 in 30 ms", h)
	}
	for _, b := range h.GetBucket() {
		want := uint64(0)
		if b.GetUpperBound() > 0.0105 { // 16.38 ms
			want = 1
		}
		if b.GetUpperBound() > 0.02 {
			want = 2
		}
		if b.GetCumulativeCount() != want {
			t.Errorf("commits of at most %v s: %d; want %d", b.GetUpperBound(), b.GetCumulativeCount(), want)
		}
	}
	for _, m := range all["pagesession_state"].Metric {
		is := m.GetGauge().GetValue()
		for _, l := range m.GetLabel() {
			if l.GetName() == "state" && (l.GetValue() == "full") != (is == 1) {
				t.Errorf("state: %v", m)
			}
		}
	}
	if got := gathered(t, full(true))["pagesession_sessions_ended_total"].Metric; len(got) != 4 {
		t.Errorf("ends on Redis: %v; want 4 reasons", got)
	}
}

// After a move from the file to Redis there is what both have counted.
func TestCollect_Moved(t *testing.T) {
	r := full(false)
	r.Redis = full(true).Redis
	all := gathered(t, r)
	if got := all["pagesession_sessions_created_total"].Metric[0].GetCounter().GetValue(); got != 22 {
		t.Errorf("created = %v; want 11 in the file and 11 on Redis", got)
	}
	if got := all["pagesession_sessions_ended_total"].Metric; len(got) != 6 {
		t.Errorf("ends: %v; want 6 reasons", got)
	}
}

// While there is nothing to read the build and the runtime are there.
func TestCollect_Starting(t *testing.T) {
	all := gathered(t, nil)
	if all[BuildInfo] == nil || all["go_goroutines"] == nil || all["pagesession_ready"] != nil {
		t.Errorf("a scrape while the server starts has %d metrics; want the build and the runtime", len(all))
	}
}

package main

import (
	"os"
	"strings"
	"testing"
)

// A measure with a floor that was missed on a busy machine gets a second
// chance, with all its peers, and the report says so.
func TestAgain(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	opt := testOptions(ours, "page", "memory")
	opt.generous, opt.idle = true, false
	b := &bench{opt: opt, client: ownClient{}, workshop: workshop{self: self, product: self}, dir: t.TempDir()}
	slow := func(measure, peer string, good int64) run {
		return run{Measure: measure, Peer: peer, Round: 1, result: result{Good: good, Seconds: 1}}
	}
	first := newReport(opt, []run{slow(refresh, ours, 10), slow(refresh, "page", 5), slow(refresh, "memory", 1000), slow(create, ours, 7)})
	if !first.onlyFloorsMissed() {
		t.Fatalf("the first report's floors are not missed: %+v", first.Comparisons)
	}
	rep, err := b.again(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(rep.Runs); got != 4 {
		t.Errorf("%d runs; want 3 new ones and 1 of the first", got)
	}
	good := map[string]int64{}
	for _, s := range rep.Summaries {
		good[s.Measure+" "+s.Peer] = s.Good
	}
	if good["refresh ours"] < 11 || good["refresh memory"] == 1000 || good["refresh page"] == 5 || good["create ours"] != 7 {
		t.Errorf("good answers %v; want new ones of all refreshes, the creations as they were", good)
	}
	if len(rep.Notes) == 0 || !strings.Contains(rep.Notes[len(rep.Notes)-1], "refresh against memory at first: 0.01 times") {
		t.Errorf("notes = %q; want that the floor was missed at first", rep.Notes)
	}
}

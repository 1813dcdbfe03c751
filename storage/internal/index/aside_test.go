package index

import (
	"slices"
	"testing"

	"pagesession/internal/testkit"
	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// A key that ended with all others and was stored again belongs to the subject of
// its live session, whichever of the two the sweeper meets first.
func TestSetAside_SubjectsOfKeysThatAreStoredAgain(t *testing.T) {
	k := record.Key{0: 7, 9: 1}
	for name, tc := range map[string]struct {
		again []string // subjects of the sessions that follow, "end": it ends alone
		want  string
	}{
		"the same subject":         {[]string{"ada"}, "ada"},
		"ends before the sweeper":  {[]string{"ada", "end"}, ""},
		"ends with all, comes":     {[]string{"ada", "all", "ada"}, "ada"},
		"another subject":          {[]string{"bob"}, "bob"},
		"the subject and another":  {[]string{"ada", "bob"}, "bob"},
		"no subject, then its own": {[]string{"", "ada"}, "ada"},
	} {
		t.Run(name, func(t *testing.T) {
			x := New(1000, clock.NewTimeline(testkit.NewClock(), nil))
			x.Insert(&entry.Entry{Key: k, Subject: "ada", Seq: 1})
			x.SetAside(entry.Tombstone{Reason: record.Revoked})
			for i, what := range tc.again {
				storeAgain(x, k, what, uint64(i+2))
			}
			for range 2 {
				x.Sweep(7, nil, func([]uint64, []entry.End) {})
			}
			if got := x.SubjectOf(&k); got != tc.want {
				t.Errorf("subject %q; want %q", got, tc.want)
			}
			for _, subject := range []string{"ada", "bob"} {
				if got := slices.Contains(x.KeysOf(subject), k); got != (subject == tc.want) {
					t.Errorf("%s has the key: %v; the session's subject is %q", subject, got, tc.want)
				}
			}
			x.End(entry.End{Key: k}, 0)
			if n := x.Subjects(); n != 0 {
				t.Errorf("%d subjects without a session", n)
			}
		})
	}
}

func storeAgain(x *Index, k record.Key, what string, seq uint64) {
	next := &entry.Entry{Key: k, Subject: what, Seq: seq}
	_, state := x.LookUp(&k)
	switch {
	case what == "end":
		x.End(entry.End{Key: k}, 0)
	case what == "all":
		x.SetAside(entry.Tombstone{Reason: record.Revoked})
	case state == record.Live:
		x.Replace(next)
	default:
		x.Insert(next)
	}
}

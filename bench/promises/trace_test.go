//go:build linux

package promises

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// hexed is how strace -xx writes a text.
func hexed(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		fmt.Fprintf(&b, `\x%02x`, c)
	}
	return b.String()
}

// What strace writes becomes steps: those of the fresh file until it has the old one's
// name, and of that name afterwards. A barrier counts where it ended, also when it is
// shown in two halves; a call that failed is none, and neither is one that makes the
// names in the folder durable again.
func TestReadTrace(t *testing.T) {
	const path = "/data/sessions.db"
	fresh, old, dir := hexed(path+".new"), hexed(path), hexed("/data")
	lines := []string{
		`11    100.000000 pwrite64(5<` + old + `>, "` + hexed("old") + `", 3, 0) = 3 <0.000001>`,
		`11    100.000001 pwrite64(6<` + fresh + `>, "` + hexed("abc") + `", 3, 4096) = 3 <0.000001>`,
		`11    100.000002 fdatasync(6<` + fresh + `> <unfinished ...>`,
		`12345 100.000003 ftruncate(6<` + fresh + `>, 8192) = 0 <0.000001>`,
		`11    100.500000 <... fdatasync resumed>) = 0 <0.499998>`,
		`11    100.600000 fallocate(6<` + fresh + `>, FALLOC_FL_KEEP_SIZE, 8192, 4096) = 0 <0.000001>`,
		`11    100.700000 fallocate(6<` + fresh + `>, 0, 8192, 4096) = 0 <0.000001>`,
		`11    101.000000 rename("` + fresh + `", "` + old + `") = 0 <0.000001>`,
		`11    102.000000 fsync(7<` + dir + `>) = 0 <0.250000>`,
		`11    103.000000 pwrite64(6<` + old + `>, "` + hexed("d") + `", 1, 0) = -1 EIO (Input/output error) <0.000001>`,
		`11    104.000000 pwrite64(6<` + old + `>, "` + hexed("d") + `", 1, 0) = 1 <0.000001>`,
		`11    104.500000 fsync(8<` + dir + `>) = 0 <0.000001>`, // for another file in it
		`11    105.000000 +++ killed by SIGKILL +++`,
	}
	file := filepath.Join(t.TempDir(), "trace")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	steps, err := readTrace(file, path)
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		kind stepKind
		at   int64
		data string
		time time.Duration // since the first step
	}{
		{stepWrite, 4096, "abc", 0}, {stepTruncate, 8192, "", 2 * time.Microsecond}, {stepBarrier, 0, "", 499999 * time.Microsecond},
		{stepExtend, 12288, "", 699999 * time.Microsecond}, {stepRename, 0, "", 999999 * time.Microsecond}, {stepNamed, 0, "", 2249999 * time.Microsecond}, {stepWrite, 0, "d", 3999999 * time.Microsecond},
	}
	if len(steps) != len(want) {
		t.Fatalf("%d steps; want %d: %+v", len(steps), len(want), steps)
	}
	for i, w := range want {
		s := steps[i]
		if s.kind != w.kind || s.at != w.at || string(s.data) != w.data || (s.time-steps[0].time).Round(time.Microsecond) != w.time {
			t.Errorf("step %d = kind %d, at %d, %q, %v; want %+v", i, s.kind, s.at, s.data, s.time-steps[0].time, w)
		}
	}
}

// The load lies behind the step that made the name durable, up to the last barrier. Too
// few of its steps are an error, however many came before.
func TestLoadOf(t *testing.T) {
	build := []step{{kind: stepWrite}, {kind: stepBarrier}, {kind: stepRename}, {kind: stepNamed}}
	load := append(make([]step, 60), step{kind: stepBarrier}, step{kind: stepWrite})
	if named, last, err := loadOf(slices.Concat(build, load)); named != 3 || last != 64 || err != nil {
		t.Errorf("loadOf = %d, %d, %v; want 3, 64", named, last, err)
	}
	if named, last, err := loadOf(slices.Concat(build, load[:55])); named != 3 || last != 1 || err != nil {
		t.Errorf("loadOf of a load without a barrier = %d, %d, %v; want 3, 1", named, last, err)
	}
	for name, steps := range map[string][]step{
		"nothing": nil, "a short load": slices.Concat(build, load[:49]), "no name": append(make([]step, 100), step{kind: stepBarrier}),
		"a long start": slices.Concat(make([]step, 100), build, load[:10]),
	} {
		if _, _, err := loadOf(steps); err == nil {
			t.Errorf("loadOf of %s returned no error", name)
		}
	}
}

// A recording whose load was never synced has no write that can be lost.
func TestRecording_LoseWithoutBarrier(t *testing.T) {
	r := &recording{steps: []step{{kind: stepBarrier}, {kind: stepNamed}}, named: 1, last: 0}
	r.lose(nil)
}

// After a barrier a cut leaves everything, before the folder is synced also the old file.
func TestDisk_Cut(t *testing.T) {
	d := &disk{old: []byte("old")}
	cut := func() string { return string(d.cut(nil, true)) }
	d.do(step{kind: stepWrite, data: []byte("new")})
	if got := cut(); got != "old" {
		t.Errorf("before the rename = %q; want old", got)
	}
	d.do(step{kind: stepRename})
	if got := cut(); got != "new" {
		t.Errorf("after the rename = %q; want new", got)
	}
	d.do(step{kind: stepBarrier})
	if n := oldOnes(d); n == 0 || n == 100 {
		t.Errorf("after the rename %d of 100 cuts leave the old file; want some", n)
	}
	d.do(step{kind: stepNamed})
	if n := oldOnes(d); n > 0 {
		t.Errorf("when the name is durable, %d of 100 cuts leave the old file", n)
	}
	d.do(step{kind: stepWrite, at: 3, data: []byte("er")})
	if got := cut(); got != "newer" {
		t.Errorf("with all writes = %q; want newer", got)
	}
	d.do(step{kind: stepTruncate, at: 1})
	d.do(step{kind: stepBarrier})
	if got := cut(); got != "n" || len(d.pending) > 0 {
		t.Errorf("after the barrier = %q, %d steps pending; want n and none", got, len(d.pending))
	}
}

// oldOnes counts how many of 100 cuts leave the old file.
func oldOnes(d *disk) (n int) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 100 {
		if string(d.cut(rng, false)) == "old" {
			n++
		}
	}
	return n
}

// A ledger cut at an instant knows what was asked until then, and the answers until then.
func TestLedger_Until(t *testing.T) {
	l := newLedger()
	create := &op{verb: verbCreate, name: "a", asked: 10 * time.Second, answered: 12 * time.Second, answer: yes}
	end := &op{verb: verbEnd, asked: 20 * time.Second, answered: 22 * time.Second, answer: yes}
	l.asked["a"], l.accounts["x"] = create, &account{id: "x", born: create, ops: []*op{create, end}}
	for at, want := range map[time.Duration]string{
		5 * time.Second: "", 11 * time.Second: `create ""`, 15 * time.Second: `create "yes"`, 21 * time.Second: `create "yes", end ""`, 30 * time.Second: `create "yes", end "yes"`,
	} {
		var got []string
		if a := l.until(at).accounts["x"]; a != nil {
			for _, o := range a.ops {
				got = append(got, fmt.Sprintf("%s %q", o.verb, string(o.answer)))
			}
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("until %v = %s; want %s", at, text, want)
		}
	}
}

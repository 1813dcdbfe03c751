package index

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"unsafe"

	"pagesession/storage/record"
)

// The table is compared with a map, through growth, removal and shrinking.
func TestTable_AgainstAMap(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	var tab table
	want := map[record.Handle]uint64{}
	for step := range 50_000 {
		r := record.KeyOf(fmt.Sprint(rnd.IntN(500))).Handle()
		e := tab.find(&r)
		switch seq, ok := want[r]; {
		case ok != (e != nil) || ok && e.seq != seq:
			t.Fatalf("step %d: find = %v; want %d, %v", step, e, seq, ok)
		case ok && rnd.IntN(2) == 0:
			tab.remove(e)
			delete(want, r)
		case !ok:
			tab.insert(Slot{Handle: r, Body: &Body{}, seq: uint64(step)})
			want[r] = uint64(step)
		}
		if rnd.IntN(1000) == 0 {
			tab.shrink()
		}
		if tab.count != len(want) {
			t.Fatalf("step %d: count = %d; want %d", step, tab.count, len(want))
		}
	}
	for r, seq := range want {
		if e := tab.find(&r); e == nil || e.seq != seq {
			t.Fatalf("find(%x) = %v; want %d", r, e, seq)
		}
	}
}

func TestTable_SlotIsOneCacheLine(t *testing.T) {
	if n := unsafe.Sizeof(Slot{}); n != 64 {
		t.Errorf("a slot has %d bytes; want 64", n)
	}
}

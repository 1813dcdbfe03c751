package index

import (
	"testing"
	"unsafe"

	"pagesession/internal/testkit"
	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

func TestBody_HasNoRemainder(t *testing.T) {
	if n := unsafe.Sizeof(Body{}); n != 48 {
		t.Errorf("a body has %d bytes; want 48, for which Go has a size class", n)
	}
}

// The key is whole again, from its two halves.
func TestBody_Key(t *testing.T) {
	k := record.KeyOf("a")
	x := New(1000, clock.NewTimeline(testkit.NewClock(), nil))
	x.Insert(&entry.Entry{Key: k, Seq: 1})
	if e, _ := x.LookUp(&k); e.Key != k {
		t.Errorf("the key is %x; want %x", e.Key, k)
	}
}

// A memo goes with its session, or with the version that it belongs to.
func TestMemos_GoWithTheirSession(t *testing.T) {
	k, to := record.KeyOf("a"), record.KeyOf("b")
	next := func(k record.Key) *entry.Entry { return &entry.Entry{Key: k, Seq: 2} }
	for name, change := range map[string]func(*Index){
		"ends":    func(x *Index) { x.End(entry.End{Key: k}, 0) },
		"all end": func(x *Index) { x.SetAside(entry.Tombstone{Reason: record.Revoked}) },
		"moves":   func(x *Index) { x.Disown(&k) },
		"changes": func(x *Index) { x.Replace(next(k)) },
		"rotates": func(x *Index) { x.Rotate(&k, next(to), 0) },
	} {
		x := New(1000, clock.NewTimeline(testkit.NewClock(), nil))
		x.Insert(&entry.Entry{Key: k, Seq: 1})
		x.Memoize(&k, 2, "of another version")
		if got := x.Peek(&k).Memo; got != nil {
			t.Errorf("%s: the memo is %v before; want none", name, got)
		}
		x.Memoize(&k, 1, "memo")
		if got := x.Peek(&k).Memo; got != "memo" {
			t.Errorf("%s: the memo is %v; want its own", name, got)
		}
		change(x)
		for i := range x.shards {
			if n := len(x.shards[i].memos); n != 0 {
				t.Errorf("%s: %d memos are left", name, n)
			}
		}
	}
	x := New(1000, clock.NewTimeline(testkit.NewClock(), nil))
	x.Insert(&entry.Entry{Key: k, Seq: 1})
	x.Memoize(&k, 1, "memo")
	if x.Move(next(k)); x.Peek(&k).Memo != nil {
		t.Error("a session with a new number has the memo of the old one")
	}
}

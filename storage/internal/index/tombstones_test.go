package index

import (
	"fmt"
	"testing"

	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

func TestTombstones_AreBounded(t *testing.T) {
	e := tombstones{limit: 10}
	for i := range 1000 {
		e.add(record.KeyOf(fmt.Sprint(i)).Handle(), entry.Tombstone{At: int64(i), Reason: record.Deleted}, int64(i))
	}
	if n := len(e.young) + len(e.old); n > 20 {
		t.Errorf("%d tombstones; want at most 20", n)
	}
	if _, ok := e.get(record.KeyOf("999").Handle()); !ok {
		t.Error("the newest is forgotten")
	}
}

package index

import (
	"testing"

	"golang.org/x/sys/unix"
)

// Inserts into an empty table meet no page that a search has read before: that would cost
// a fault for the read and one for the write. Where all memory comes in huge pages that is so
// in any case, and the test holds nothing.
func TestTable_PagesAreWrittenFirst(t *testing.T) {
	const n = 1 << 20
	slots, body := newSlots(n), &Body{}
	before := faults(t)
	for i := 0; i < n; i += slotsPerPage {
		if slots[i].Body == nil {
			slots[i].Body = body
		}
	}
	if got, pages := faults(t)-before, int64(n/slotsPerPage); got > pages/4 {
		t.Errorf("%d pages cost %d faults; want none, or few of others", pages, got)
	}
}

func faults(t *testing.T) int64 {
	t.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return int64(u.Minflt) // 32 bits on some systems
}

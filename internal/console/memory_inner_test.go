package console

import (
	"testing"

	"pagesession/internal/monitor"
)

// Each kind of memory has words; kinds without bytes are left out.
func TestMemoryLines(t *testing.T) {
	var uses []monitor.MemoryUse
	for i, kind := range monitor.MemoryKinds {
		uses = append(uses, monitor.MemoryUse{Kind: kind, Bytes: int64(i)})
	}
	lines := memoryLines(uses)
	if n := len(monitor.MemoryKinds); len(lines) != n || lines[n-1].Bytes != int64(n*(n-1)/2) {
		t.Errorf("%v; want a line for each kind but the first, which has no bytes, and the sum", lines)
	}
	for _, l := range lines {
		if l.Title == "" || l.Bytes == 0 {
			t.Errorf("%+v; want a title and bytes", l)
		}
	}
	if none := memoryLines(nil); none != nil {
		t.Errorf("%v; want no lines where nothing is known", none)
	}
}

package monitor_test

import (
	"runtime"
	"testing"

	"pagesession/internal/monitor"
)

// The kinds add up to the memory of the process, and what sessions take is not counted twice.
func TestMemoryUses(t *testing.T) {
	held := make([]byte, 64<<20) // what sessions take
	uses := monitor.MemoryUses([]monitor.MemoryUse{{Kind: "values", Bytes: int64(len(held))}})
	sum, by := int64(0), map[string]int64{}
	for _, u := range uses {
		sum += u.Bytes
		by[u.Kind] = u.Bytes
	}
	runtime.KeepAlive(held)
	if all := monitor.Memory(); sum < all*9/10 || sum > all*11/10 {
		t.Errorf("the kinds add up to %d bytes, the process has %d: %v", sum, all, by)
	}
	if by["values"] != int64(len(held)) || by["other"] <= 0 || by["other"] > 32<<20 || by["runtime"] <= 0 {
		t.Errorf("%v; want the values, little else, and something for the runtime", by)
	}
}

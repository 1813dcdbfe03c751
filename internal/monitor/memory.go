package monitor

import (
	"runtime/metrics"
	"slices"
)

// A MemoryUse is how many bytes of memory things of one kind take.
type MemoryUse struct {
	Kind  string // one of MemoryKinds
	Bytes int64
}

// MemoryKinds are the kinds of memory: what is kept of sessions, all other objects of the program
// with garbage, what the heap has free for new objects, and stacks with what Go's runtime needs.
var MemoryKinds = []string{"index", "values", "ended", "subjects", "queue", "other", "free", "runtime"}

// Memory returns the memory that this process takes from the system, in bytes.
func Memory() int64 {
	memory, _ := process()
	return memory
}

// MemoryUses divides Memory by kind. It is given what sessions take, which is computed, and counts
// the rest of the heap as other. The kinds of sessions come first, as they are given; other is 0
// where more was computed than the heap has. It does not stop the program.
func MemoryUses(sessions []MemoryUse) []MemoryUse {
	all := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
	}
	metrics.Read(all)
	of := func(i int) int64 { return int64(all[i].Value.Uint64()) }
	objects, free := of(2), of(3)+of(4)
	other := objects
	for _, u := range sessions {
		other -= u.Bytes
	}
	return append(slices.Clone(sessions), MemoryUse{"other", max(0, other)}, MemoryUse{"free", free},
		MemoryUse{"runtime", of(0) - of(1) - objects - free})
}

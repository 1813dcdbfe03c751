package app

import (
	"pagesession/internal/metrics"
	"pagesession/internal/monitor"
	"pagesession/storage"
)

// memoryUses returns the memory of the process by kind.
func (a *app) memoryUses() []monitor.MemoryUse {
	var kept []storage.Memory
	var visitors metrics.Reading
	if a.visitors.read(&visitors); visitors.File != nil {
		kept = append(kept, visitors.File.Memory)
	}
	if operators, ok := a.console.(fileOperators); ok {
		kept = append(kept, operators.Stats().Memory)
	}
	var m storage.Memory
	for _, k := range kept {
		m.Index, m.Values, m.Ended = m.Index+k.Index, m.Values+k.Values, m.Ended+k.Ended
		m.Subjects, m.Queue = m.Subjects+k.Subjects, m.Queue+k.Queue
	}
	return monitor.MemoryUses([]monitor.MemoryUse{
		{Kind: "index", Bytes: m.Index}, {Kind: "values", Bytes: m.Values}, {Kind: "ended", Bytes: m.Ended},
		{Kind: "subjects", Bytes: m.Subjects}, {Kind: "queue", Bytes: m.Queue},
	})
}

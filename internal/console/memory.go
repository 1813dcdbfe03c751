package console

import "pagesession/internal/monitor"

// A memoryLine is a kind of memory as the dashboard shows it.
type memoryLine struct {
	Title string
	Bytes int64
}

// memoryLines returns the kinds of which there is any, and the total; nil if there is none.
func memoryLines(uses []monitor.MemoryUse) (lines []memoryLine) {
	titles, sum := memoryTitles(), int64(0)
	for _, u := range uses {
		if sum += u.Bytes; u.Bytes > 0 {
			lines = append(lines, memoryLine{titles[u.Kind], u.Bytes})
		}
	}
	if sum == 0 {
		return nil
	}
	return append(lines, memoryLine{"Total", sum})
}

// memoryTitles has the words for monitor.MemoryKinds.
func memoryTitles() map[string]string {
	return map[string]string{
		"index": "Index of sessions", "values": "Data of sessions", "ended": "Ended sessions", "subjects": "Sessions by user",
		"queue": "Waiting for the file", "other": "Everything else", "free": "Free", "runtime": "Go’s runtime",
	}
}

package redis

import "strings"

// Field returns a field of the text that INFO answers, such as "used_memory"; "" if it is
// missing.
func Field(info, name string) string {
	for line := range strings.Lines(info) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

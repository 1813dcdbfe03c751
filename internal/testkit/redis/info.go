package redis

import (
	"strconv"
	"strings"
	"testing"
)

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

// Int returns a number of a section of INFO.
func Int(t testing.TB, s *Server, section, name string) int {
	t.Helper()
	n, err := strconv.Atoi(Field(s.Text(t, "INFO", section), name))
	if err != nil {
		t.Fatalf("INFO %s: %s is no number", section, name)
	}
	return n
}

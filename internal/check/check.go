package check

import (
	"fmt"
	"slices"
)

// A Level says how bad a finding is.
type Level string

// The levels. With an error the server does not start, or visitors or operators are not
// served or not safe.
const (
	Error   Level = "error"
	Warning Level = "warning"
)

// Levels returns the levels, the worst first.
func Levels() []Level { return []Level{Error, Warning} }

// A Finding is one thing that is wrong, in words.
type Finding struct {
	ID    string `json:"id"` // of the check
	Level Level  `json:"level"`
	Wrong string `json:"wrong"`
	Do    string `json:"do"`
}

// Find returns what is wrong, errors first, else in the order of the table. deploy adds the
// checks of a server that visitors reach.
func Find(f Facts, deploy bool) []Finding {
	all := []Finding{} // JSON has an empty list
	for _, c := range table() {
		if c.deploy && !deploy {
			continue
		}
		c.find(f, func(wrong, do string) {
			all = append(all, Finding{c.id, c.level, wrong, do})
		})
	}
	slices.SortStableFunc(all, func(a, b Finding) int { return a.Level.rank() - b.Level.rank() })
	return all
}

// Known reports whether l is one of the levels.
func (l Level) Known() bool { return l.rank() >= 0 }

// AtLeast reports whether l is as bad as other, or worse.
func (l Level) AtLeast(other Level) bool { return l.rank() <= other.rank() }

func (l Level) rank() int { return slices.Index(Levels(), l) }

// Count says how many findings have each level: "1 error, 2 warnings".
func Count(all []Finding) string {
	text := ""
	for _, level := range Levels() {
		n := 0
		for _, f := range all {
			if f.Level == level {
				n++
			}
		}
		switch {
		case n == 0:
			continue
		case text != "":
			text += ", "
		}
		text += fmt.Sprintf("%d %s", n, level)
		if n > 1 {
			text += "s"
		}
	}
	return text
}

// A report takes one finding of a check: what is wrong, and what to do.
type report func(wrong, do string)

// A row is one check.
type row struct {
	id     string // fixed, since people and scripts know it
	level  Level
	deploy bool   // is checked only for a server that visitors reach
	looks  string // what it looks for, for docs/CHECKS.md
	find   func(Facts, report)
}

package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf16"

	"pagesession/internal/text"
)

// print writes a result as JSON with --json, else as people writes it.
func (t *task) print(result any, people func(w io.Writer)) error {
	var out bytes.Buffer
	if t.yes("json") {
		if err := writeJSON(&out, result); err != nil {
			return err
		}
	} else {
		people(&out)
	}
	_, err := t.Stdout.Write(out.Bytes())
	return err
}

// say writes one line for people.
func say(w io.Writer, format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// writeJSON writes a result as indented JSON. It escapes control characters, which
// a terminal could obey; to a JSON parser the text stays the same.
func writeJSON(w io.Writer, result any) error {
	var plain bytes.Buffer
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(result); err != nil {
		return err
	}
	var out strings.Builder
	for _, r := range plain.String() {
		if r == '\n' || unicode.IsPrint(r) {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// table writes rows in columns; the first may be a heading. It escapes the cells.
func table(w io.Writer, rows [][]string) {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			if cell = harmless(cell); i < len(row)-1 {
				cell += "\t"
			}
			_, _ = io.WriteString(columns, cell)
		}
		_, _ = io.WriteString(columns, "\n")
	}
	_ = columns.Flush() // w is a buffer
}

// harmless escapes control characters, because names and agents come from visitors.
func harmless(s string) string {
	var out strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) {
			out.WriteRune(r)
		} else {
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.String()
}

// cut shortens s to the width of a column.
func cut(s string, longest int) string {
	if runes := []rune(s); len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return s
}

// span writes a duration in its two largest units: 2 min 5 s.
func span(ms int64) string { return text.ShortDuration(time.Duration(ms) * time.Millisecond) }

// moment writes a time in the zone of --time-zone, as all tables do.
func (t *task) moment(at time.Time) string {
	return at.In(t.TimeZone).Format("2006-01-02 15:04 MST")
}

// count returns a number and its noun: 1 session, 2 sessions.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// either lists words to choose from: a, b or c; or the only one.
func either(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

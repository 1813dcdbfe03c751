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

// print writes a result: as JSON if that was asked for, else for people.
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

// writeJSON writes a result in lines. What a terminal may obey is escaped,
// which means the same in JSON.
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

// table writes rows under a head, in columns. Cells are made harmless.
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

// harmless escapes what a terminal obeys: names and agents come from visitors.
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

// cut shortens what is too long for a column.
func cut(s string, longest int) string {
	if runes := []rune(s); len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return s
}

// span writes milliseconds in words: the two largest units.
func span(ms int64) string {
	const day = 24 * time.Hour
	d := time.Duration(ms) * time.Millisecond
	if d >= day {
		return text.TwoUnits(d, day, "d", time.Hour, "h")
	}
	return text.ShortDuration(d)
}

// moment writes a time for people, in the zone of the pages.
func (t *task) moment(at time.Time) string {
	return at.In(t.TimeZone).Format("2006-01-02 15:04 MST")
}

// count writes a number of things.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// either lists what there is to choose from.
func either(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

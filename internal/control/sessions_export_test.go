package control

import (
	"strings"
	"testing"

	"pagesession/internal/account"
	"pagesession/storage/record"
)

// An export is bounded in bytes, too, since visitors choose how long a name is. The audit log
// has its filter.
func TestExportSessions_BoundsTexts(t *testing.T) {
	b := newMatchingBench(t)
	name := strings.Repeat("x", 60_000)
	b.begin(name, 150)
	q := SessionExport{Queries: []record.Query{{}}, Filter: func(record.Query) []account.Change {
		return []account.Change{{Field: account.FieldState, To: "Live"}}
	}}
	got, err := ExportSessions.Do(t.Context(), b.on, commandLine("root"), q)
	if n := maxTexts / len(name); err != nil || !got.More || len(got.Sessions) != n {
		t.Errorf("%d sessions, more %v, %v; want %d and more", len(got.Sessions), got.More, err, maxTexts/len(name))
	}
	b.wantEntries("root export 139 state=Live")
}

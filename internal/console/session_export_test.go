package console_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/console"
	"pagesession/internal/control"
	"pagesession/internal/testkit"
	"pagesession/storage/record"
)

const exportOf = "/admin/sessions/export/"

// An export has what the list has, in its order, and the audit log has the export. It names no
// handle.
func TestSessionExport(t *testing.T) {
	d := watchers(t)
	pema := d.visitor("Pema")
	d.clock.Advance(3 * time.Second)
	d.visitor("Sonam")
	b := d.as("viewer")
	b.get("/admin/sessions/?q=pema&o=key").Wants(200, `action="/admin/sessions/export/?o=key&amp;q=pema"`)
	a := b.post(exportOf + "?o=created").Wants(200).Lacks(pema.String())
	for name, want := range map[string]string{
		"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": `attachment; filename="pagesession-sessions.csv"`, "Cache-Control": "no-store",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s = %s; want %s", name, got, want)
		}
	}
	lines := readCSV(t, a)
	want := []string{pema.Fingerprint(), "live", "", "Pema", "192.0.2.17", "Browser of Pema", "2026-11-22T22:22:05Z", "3000", "3000", "17000", "0", ""}
	if len(lines) != 3 || fmt.Sprint(lines[1]) != fmt.Sprint(want) || lines[2][3] != "Sonam" {
		t.Errorf("the file has %q; want %q, and then Sonam", lines, want)
	}
	if lines := readCSV(t, b.post(exportOf+"?q=SONAM")); len(lines) != 2 || lines[1][3] != "Sonam" {
		t.Errorf("the file of a search has %q; want Sonam", lines)
	}
	var found control.ExportedSessions
	if a := b.post(exportOf+"?q="+pema.Fingerprint(), "as", "json").Lacks(pema.String()); json.Unmarshal([]byte(a.Text), &found) != nil || len(found.Sessions) != 1 || found.Sessions[0].Name != "Pema" || found.More {
		t.Errorf("the file in JSON is %s; want Pema", a.Text)
	}
	entries := d.entries(account.EntryQuery{Action: account.ActionExport})
	if len(entries) != 3 || entries[2].Count != 2 || entries[2].Actor.Name != "viewer" || entries[2].Kind != account.KindSession {
		t.Errorf("the audit log has %+v; want three exports of viewer's, the first of 2 sessions", entries)
	}
	if len(entries) == 3 && (len(entries[2].Changes) > 0 || fmt.Sprint(entries[1].Changes) != fmt.Sprint([]account.Change{{Field: account.FieldSearch, To: "SONAM"}})) {
		t.Errorf("the filters in the audit log are %+v and %+v; want none and the search", entries[2].Changes, entries[1].Changes)
	}
}

// readCSV reads a file.
func readCSV(t *testing.T, a *testkit.Reply) [][]string {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(a.Wants(200).Text)).ReadAll()
	if err != nil {
		t.Fatalf("the file is no CSV: %v", err)
	}
	return lines
}

// A visitor's name is no formula in the operator's spreadsheet.
func TestSessionExport_Formulas(t *testing.T) {
	d := watchers(t)
	b := d.as("viewer")
	for name, want := range map[string]string{
		`=HYPERLINK("x")`: `'=HYPERLINK("x")`, "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "x;=1;y": "x;'=1;y", `";"=1`: `";"'=1`, "a; =1": "a; =1", "x;-2": "x;'-2", "\n=1": "'\n=1", "a=1,\"b\"": "a=1,\"b\"", "O’Neill": "O’Neill",
	} {
		h := d.visitor(name)
		if lines := readCSV(t, b.post(exportOf+"?q="+h.Fingerprint())); len(lines) != 2 || lines[1][3] != want {
			t.Errorf("the file has %q; want the name %q", lines, want)
		}
	}
}

func TestSessionExport_Ended(t *testing.T) {
	d := watchers(t)
	h := d.visitor("Pema")
	d.as("ender").post(sessionAt(h) + "end/")
	d.clock.Advance(2 * time.Second)
	lines := readCSV(t, d.as("viewer").post(exportOf+"?state=ended"))
	if want := fmt.Sprint([]string{h.Fingerprint(), "ended", "revoked", "", "", "", "", "", "", "", "", "2000"}); len(lines) != 2 || fmt.Sprint(lines[1]) != want {
		t.Errorf("the file has %q; want %s", lines, want)
	}
}

// Without the permission, or without an entry in the audit log, there is no file.
func TestSessionExport_Refused(t *testing.T) {
	d := watchers(t)
	d.visitor("Pema")
	d.as("ender").post(exportOf).Wants(403).Lacks("Pema")
	b := d.as("viewer")
	b.get(exportOf).Wants(405)
	b.post(exportOf + "?q=" + strings.Repeat("x", 201)).Wants(400)
	if lines := readCSV(t, b.post(exportOf+"?q=no-such-name")); len(lines) != 1 {
		t.Errorf("the file of nothing has %q; want the headings", lines)
	}
	d.refuseEntries()
	if a := b.post(exportOf).Lacks("Pema"); a.StatusCode < 500 {
		t.Errorf("an export that cannot be recorded = %d; want an error", a.StatusCode)
	}
}

// More than one page is exported, in a list by position, too.
func TestSessionExport_Pages(t *testing.T) {
	for _, tc := range []struct {
		d *fixture
		n int
	}{{watchers(t), 620}, {placed(t, 100), 480}} {
		tc.d.crowd(tc.n)
		lines, names := readCSV(t, tc.d.as("viewer").post(exportOf+"?o=created")), map[string]bool{}
		for _, line := range lines[1:] {
			names[line[3]] = true
		}
		if len(lines) != tc.n+1 || len(names) != tc.n || lines[1][3] != "visitor000" {
			t.Errorf("the file of %d sessions has %d with %d names, the first %q", tc.n, len(lines)-1, len(names), lines[1])
		}
	}
}

// endless is a store with more sessions than an export has.
type endless struct{ control.Lister }

func (endless) List(_ context.Context, q record.Query) (record.Page, error) {
	p := record.Page{Total: 1 << 20}
	for i := range q.Limit {
		p.Rows = append(p.Rows, record.Row{State: record.Live, Handle: record.KeyOf(strconv.Itoa(q.Offset + i)).Handle()})
	}
	return p, nil
}

func TestSessionExport_Bounded(t *testing.T) {
	d := watchers(t, func(cfg *console.Config) { cfg.Visitors = endless{cfg.Visitors} })
	var found control.ExportedSessions
	a := d.as("viewer").post(exportOf, "as", "json").Wants(200)
	if err := json.Unmarshal([]byte(a.Text), &found); err != nil || len(found.Sessions) != control.MaxExported || !found.More {
		t.Errorf("the file has %d sessions, more %v, %v; want %d and more", len(found.Sessions), found.More, err, control.MaxExported)
	}
}

// The audit log tells a search that was found in data from one that was found in fingerprints,
// also where the text could be either.
func TestSessionExport_RecordsWhereItFound(t *testing.T) {
	d := watchers(t)
	h := d.visitor("Ada")
	b := d.as("viewer")
	for _, search := range []string{"ada", h.Fingerprint(), h.String()} {
		if lines := readCSV(t, b.post(exportOf+"?q="+search)); len(lines) != 2 {
			t.Errorf("the file of %s has %q; want one session", search, lines)
		}
	}
	d.as("ada").get("/admin/log/?action=export").Wants(200, ": search “ada”<", ": fingerprint “"+h.Fingerprint()+"”<", ": handle “"+h.String()+"”<")
}

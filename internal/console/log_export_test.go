package console_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pagesession/internal/account"
	"pagesession/internal/control"
)

const logExportOf = "/admin/log/export/"

// An export of the audit log has what the filter finds, with times in UTC, and the log has the
// export with its filter.
func TestLogExport(t *testing.T) {
	d, bob, _ := people(t)
	ada := d.as("ada")
	ada.post(userAt(bob, ""), whole(bob, "is_superuser", "on")...).Wants(303)
	b := d.as("auditor")
	b.get("/admin/log/?action=change").Wants(200, `action="/admin/log/export/?action=change"`, "at most the newest 10 000 entries, with times in UTC")
	a := b.post(logExportOf+"?action=change&from=2026-11-01&actor=ada", "as", "csv").Wants(200)
	if got, want := a.Header.Get("Content-Disposition"), `attachment; filename="pagesession-audit-log.csv"`; got != want {
		t.Errorf("Content-Disposition = %s; want %s", got, want)
	}
	lines := readCSV(t, a)
	if len(lines) != 2 || fmt.Sprint(lines[0]) != "[id at_utc actor_id actor address via action kind object_id object changes count]" {
		t.Fatalf("the file has %q; want the headings and one entry", lines)
	}
	want := []string{"1", "ada", "127.0.0.1", "console", "change", "user", fmt.Sprint(bob.ID), "bob", "superuser (no → yes)", ""}
	if got := lines[1]; fmt.Sprint(got[2:]) != fmt.Sprint(want) || !strings.HasSuffix(got[1], "Z") {
		t.Errorf("the entry is %q; want %q after a time in UTC", got, want)
	}
	var found control.ExportedLog
	if a := b.post(logExportOf+"?kind=user&object=bob", "as", "json").Wants(200); json.Unmarshal([]byte(a.Text), &found) != nil || len(found.Entries) < 2 || found.More {
		t.Errorf("the file in JSON is %s; want the entries about bob", a.Text)
	}
	b.get("/admin/log/?kind=logentry").Wants(200,
		"<b>auditor</b> exported 1 log entry, user #1, action change, from 2026-11-01T00:00:00Z</td>", fmt.Sprintf("log entries, about user #%d</td>", bob.ID))
}

// No cell is a formula, whatever was typed for a name.
func TestLogExport_Formulas(t *testing.T) {
	d, _, _ := people(t)
	by := account.Actor{Name: "=cmd|x", Via: account.ViaCommandLine}
	if err := d.accounts.Audit(t.Context(), by, account.Event{Action: account.ActionBackup, Kind: account.KindBackup, Object: "@SUM(A1)"}); err != nil {
		t.Fatal(err)
	}
	lines := readCSV(t, d.as("auditor").post(logExportOf+"?action=backup"))
	if len(lines) != 2 || lines[1][3] != "'=cmd|x" || lines[1][9] != "'@SUM(A1)" {
		t.Errorf("the file has %q; want inert cells", lines)
	}
}

// Without the permission, or without an entry in the audit log, there is no file.
func TestLogExport_Refused(t *testing.T) {
	d, _, _ := people(t)
	d.as("viewer").post(logExportOf).Wants(403).Lacks("auditor")
	b := d.as("auditor")
	b.get(logExportOf).Wants(405)
	b.post(logExportOf + "?from=yesterday").Wants(400)
	if lines := readCSV(t, b.post(logExportOf+"?action=restore")); len(lines) != 1 {
		t.Errorf("the file of nothing has %q; want the headings", lines)
	}
	d.refuseEntries()
	if a := b.post(logExportOf).Lacks("viewer"); a.StatusCode < 500 {
		t.Errorf("an export that cannot be recorded = %d; want an error", a.StatusCode)
	}
}

// An operator can have the name of a user of the system. Entries tell them apart, and the filter
// finds each alone.
func TestLog_CommandLine(t *testing.T) {
	d, _, _ := people(t)
	d.superuser("root") // as owner is called, who adds users at the command line
	d.as("root")
	const way = `<b>root</b> <span class="pill">command line</span> added user`
	b := d.as("ada")
	b.get("/admin/log/").Wants(200, way, "<b>root</b> signed in")
	b.get("/admin/log/?via=command+line&actor=root").Wants(200, way, `value="command line" selected`).Lacks("signed in <", "<b>root</b> signed in")
	b.get("/admin/log/?via=console&actor=root").Wants(200, "<b>root</b> signed in").Lacks(way)
	b.get("/admin/log/?actor=root").Wants(200, "<b>root</b> signed in").Lacks(way)
	b.get("/admin/log/?via=command+line&actor=x").Wants(200, "No matching log entries")
}

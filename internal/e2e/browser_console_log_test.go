package e2e

import (
	"strings"
	"testing"
	"time"
)

// The audit log marks what was done by command, its filter finds it, and its form exports what
// the filter finds. The page fits on a phone.
func TestBrowserConsole_LogExport(t *testing.T) {
	t.Parallel()
	s := start(t)
	b := console(t, s, 4*time.Minute)
	if r := runCommand(s.dir, nil, "groups", "add", "watchers"); r.code != 0 {
		t.Fatalf("groups add = %+v", r)
	}
	b.open("/admin/log/?via=command+line")
	b.shows("command line added group watchers", "at most the newest")
	for _, width := range []int64{360, 1280} {
		b.screen(width, 800, "light")
		b.drawn()
		b.fits("the audit log")
		b.shoot("console-log-export-" + map[int64]string{360: "360", 1280: "1280"}[width])
	}
	file := eval[string](b, `fetch(document.querySelector('.below form').action, {method: 'POST', body: new URLSearchParams({as: 'csv'})}).then((answer) => answer.text())`)
	if !strings.HasPrefix(file, "id,at_utc,") || !strings.Contains(file, "command line,add,group") {
		t.Errorf("the file is %q; want the group that a command added", file)
	}
	b.open("/admin/log/?kind=logentry")
	b.shows("exported 1 log entry, source command line")
}

//go:build linux

package promises

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables of attacks and bugs into the documents")

// The documents list every attack and every planted bug.
func TestDocs_Tables(t *testing.T) {
	const readme, promises = "../README.md", "../../docs/PROMISES.md"
	var attacks, bugs, both strings.Builder
	for _, a := range All() {
		fmt.Fprintf(&attacks, "| `%s` | %s | %s | %d | %d |\n", a.Name, a.About, strings.Join(a.Promises, " "), a.CI, a.Long)
	}
	for _, b := range Bugs() {
		fmt.Fprintf(&bugs, "| `%s` | %s | `%s` |\n", b.Name, b.About, strings.Join(b.By, "`, `"))
	}
	for n := range count {
		p := fmt.Sprintf("P%d", n+1)
		fmt.Fprintf(&both, "| %s | %s | %s | %s |\n", p, titles()[n], attacksOn(p), bugsOf(p))
	}
	table(t, readme, "attacks", attacks.String())
	table(t, readme, "bugs", bugs.String())
	table(t, promises, "attacks", both.String())
}

func attacksOn(promise string) string {
	var names []string
	for _, a := range All() {
		if contains(a.Promises, promise) {
			names = append(names, "`"+a.Name+"`")
		}
	}
	return strings.Join(names, ", ")
}

func bugsOf(promise string) string {
	var names []string
	for _, b := range Bugs() {
		if b.Promise == promise {
			names = append(names, "`"+b.Name+"`")
		}
	}
	return strings.Join(names, ", ")
}

// table compares what stands between two comments of a document, or writes it.
func table(t *testing.T, file, name, want string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := fmt.Sprintf("<!-- %s: begin -->\n", name), fmt.Sprintf("<!-- %s: end -->", name)
	before, rest, ok := strings.Cut(string(text), begin)
	got, after, ok2 := strings.Cut(rest, end)
	switch {
	case !ok || !ok2:
		t.Errorf("%s has no %q", file, strings.TrimSpace(begin))
	case got == want:
	case *update:
		if err := os.WriteFile(file, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Error(err)
		}
	default:
		t.Errorf("%s: the table of %s is out of date; run this test with -update", file, name)
	}
}

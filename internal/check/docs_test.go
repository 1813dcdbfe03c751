package check

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of docs/CHECKS.md anew")

// docs/CHECKS.md has a table of all checks, made from the code.
func TestDocs(t *testing.T) {
	const name, begin, end = "../../docs/CHECKS.md", "<!-- checks: begin -->\n", "<!-- checks: end -->\n"
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(file), begin)
	_, after, okToo := strings.Cut(rest, end)
	if !ok || !okToo {
		t.Fatalf("%s has no %q and %q", name, begin, end)
	}
	want := before + begin + docsTable() + end + after
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(file) != want {
		t.Errorf("%s is not what the code says; run: go test ./internal/check -run TestDocs -update", name)
	}
}

func docsTable() string {
	var b strings.Builder
	b.WriteString("| check | level | only with `--deploy` | what it finds |\n|---|---|---|---|\n")
	for _, c := range table() {
		deploy := ""
		if c.deploy {
			deploy = "yes"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", c.id, c.level, deploy, c.looks)
	}
	return b.String()
}

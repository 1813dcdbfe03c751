package check

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"pagesession/internal/testkit"
)

var update = flag.Bool("update", false, "write the table of docs/CHECKS.md anew")

// docs/CHECKS.md has a table of all checks, made from the code.
func TestDocs(t *testing.T) {
	testkit.Documented(t, "../../docs/CHECKS.md", "checks", docsTable(), *update)
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

package testkit

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Documented fails the test unless a document has a table that is made from the code, between the
// comments "topic: begin" and "topic: end"; the text around it is written by hand. With update it
// writes the table.
func Documented(t *testing.T, document, topic, table string, update bool) {
	t.Helper()
	begin, end := fmt.Sprintf("<!-- %s: begin -->\n", topic), fmt.Sprintf("<!-- %s: end -->", topic)
	got, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(got), begin)
	_, after, ends := strings.Cut(rest, end)
	if !begins || !ends {
		t.Fatalf("%s lacks %q and %q", document, begin, end)
	}
	want := before + begin + table + end + after
	if string(got) == want {
		return
	}
	if !update {
		t.Fatalf("%s is not what the code says; run this test with -update", document)
	}
	if err := os.WriteFile(document, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

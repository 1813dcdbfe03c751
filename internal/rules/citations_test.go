package rules

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// citing are the documents whose tables name the tests of what they promise.
var citing = []string{"docs/SECURITY.md", "docs/PROMISES.md"}

var (
	citation = regexp.MustCompile("`([^`\n]+)`|;|\\|") // a name, or what ends a list of packages
	testName = regexp.MustCompile(`^(?:Test|Fuzz|Benchmark|Example)[\w…]*$`)
	fileName = regexp.MustCompile(`^[\w.-]+(?:/[\w.-]+)+$|^[\w-]+\.(?:go|mod|md)$`)
	linked   = regexp.MustCompile(`\]\(([^):#]+)(?:#[^)]*)?\)`)
	testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark|Example)\w*)\(`)
)

// TestCitations_Exist holds that each test, file and page which a table names is there.
// A row names packages and then their tests: `internal/web`: `TestRoutes`, `TestFail_…`.
func TestCitations_Exist(t *testing.T) {
	tests := map[string]string{}
	for _, file := range files(t, ".go") {
		if strings.HasSuffix(file, "_test.go") {
			for _, found := range testFunc.FindAllStringSubmatch(read(t, file), -1) {
				tests[path.Dir(file)] += found[1] + "\n"
			}
		}
	}
	for _, document := range citing {
		n := 0
		for line := range strings.Lines(read(t, document)) {
			if strings.HasPrefix(line, "|") {
				n += checkCitations(t, document, line, tests)
			}
			for _, link := range linked.FindAllStringSubmatch(line, -1) {
				if !exists(path.Join(path.Dir(document), link[1])) {
					t.Errorf("%s links to %s, which is not there", document, link[1])
				}
			}
		}
		if n < 50 {
			t.Errorf("%s names %d tests; want its tables to be understood", document, n)
		}
	}
}

// checkCitations checks a row of a table and returns how many tests it names.
func checkCitations(t *testing.T, document, line string, tests map[string]string) (n int) {
	t.Helper()
	var packages []string
	named := false // a test of these packages
	for _, found := range citation.FindAllStringSubmatch(line, -1) {
		name := found[1]
		switch {
		case name == "":
			packages = nil
		case testName.MatchString(name):
			n++
			named = true
			if len(packages) == 0 {
				t.Errorf("%s names %s without its package", document, name)
			}
			for _, in := range packages {
				if !hasTest(tests[in], name) {
					t.Errorf("%s names %s of %s, which is not there", document, name, in)
				}
			}
		case tests[name] != "":
			if named {
				packages, named = nil, false
			}
			packages = append(packages, name)
		case fileName.MatchString(name) && !exists(name):
			t.Errorf("%s names %s, which is not there", document, name)
		}
	}
	return n
}

// hasTest reports whether a list has a test of this name, in which … stands for any letters.
func hasTest(list, name string) bool {
	return regexp.MustCompile(`(?m)^` + strings.ReplaceAll(name, "…", `\w*`) + `$`).MatchString(list)
}

func exists(file string) bool {
	_, err := fs.Stat(os.DirFS(root), file)
	return err == nil
}

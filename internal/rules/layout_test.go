package rules

import (
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// longest is the largest number of lines in a Go file. A longer file is about two things.
const longest = 361

func TestFiles_AreShort(t *testing.T) {
	for _, file := range files(t, ".go") {
		if n := strings.Count(read(t, file), "\n"); n > longest {
			t.Errorf("%s has %d lines; divide it, at most %d are allowed", file, n, longest)
		}
	}
}

// floors are the layers of packages, the lowest first. Of the project a package imports
// only packages of lower floors and its own internal packages. Packages that are missing
// in the list are not checked.
var floors = [][]string{
	{"internal/network", "internal/fresh", "internal/check"},
	{"views", "internal/text", "internal/qr", "internal/certificate", "internal/client", "internal/disk", "internal/boltfile", "internal/hosts", "internal/basepath", "internal/limit", "internal/monitor", "internal/passkey", "internal/server", "storage/record"},
	{"storage", "storage/redis", "session", "internal/account", "internal/backup", "internal/listen"},
	{"internal/health", "internal/assets", "internal/servers", "internal/move", "internal/metrics", "internal/systemd"},
	{"session/fiberv2", "session/fiberv3", "session/nethttp", "session/storetest", "internal/access", "internal/traces", "internal/page", "internal/config", "internal/control"},
	{"internal/web", "internal/console"},
	{"internal/app"},
	{"internal/cli"},
	{""},
}

// TestImports_PointOneWay checks product code without the bench. Tests may import
// anything.
func TestImports_PointOneWay(t *testing.T) {
	for _, file := range files(t, ".go") {
		from := strings.TrimPrefix(path.Dir(file), ".")
		if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(from, "bench") {
			continue
		}
		for _, to := range imports(t, file) {
			own, ok := strings.CutPrefix(to, "pagesession/")
			switch {
			case (strings.HasPrefix(from, "storage") || from == "session") && strings.HasPrefix(to, "github.com/gofiber/fiber/"):
				t.Errorf("%s imports %s; %s knows no framework", file, to, from)
			case ok && floor(from) >= 0 && floor(own) >= floor(from) && !strings.HasPrefix(own, from+"/"):
				t.Errorf("%s imports %s, which is on floor %d; %s is on %d", file, own, floor(own), from, floor(from))
			}
		}
	}
}

// floor returns the floor of a package, or -1 if it is missing in the list.
func floor(name string) int {
	return slices.IndexFunc(floors, func(names []string) bool { return slices.Contains(names, name) })
}

func imports(t *testing.T, file string) []string {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), root+file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, i := range tree.Imports {
		name, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, name)
	}
	return list
}

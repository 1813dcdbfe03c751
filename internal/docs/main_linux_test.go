package docs

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"pagesession/internal/testkit"
)

// TestMain is also the program that runs a page inside its view, and the stand-ins of the view:
// its name says which.
func TestMain(m *testing.M) {
	name := filepath.Base(os.Args[0])
	if name == insideName {
		os.Exit(inside())
	}
	if run, ok := standIns[name]; ok {
		os.Exit(run(os.Args[1:]))
	}
	testkit.ShortWithout("^TestShell")
	flag.Parse()
	os.Exit(m.Run())
}

// tools makes the folder that is first in the PATH of each view: the programs of this checkout
// and the stand-ins.
func tools(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, pkg := range map[string]string{"pagesession": "pagesession", "bench": "pagesession/bench"} {
		if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, name), pkg).CombinedOutput(); err != nil {
			t.Fatalf("go build %s: %v\n%s", pkg, err, out)
		}
	}
	self, err := os.ReadFile("/proc/self/exe")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, insideName), self, 0o755)
	}
	for name := range standIns {
		if err == nil {
			err = os.Symlink(insideName, filepath.Join(dir, name))
		}
	}
	if err != nil {
		t.Fatal(fmt.Errorf("make the stand-ins: %w", err))
	}
	return dir
}

package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"pagesession/internal/testkit"

	// This import tells go test that the tests depend on the program. Without it go
	// test would show an old result after a change.
	_ "pagesession/internal/cli"
)

// program is the path of the server under test, once TestMain has built it.
var program string

func TestMain(m *testing.M) {
	testkit.ShortWithout("^Test(Browser|Firefox|Container|Guide|LoginFlood|Rolling|Away|Full|Stop|Restart|Damaged|Takeover|Commands|ConsolePaths|TLS|ACME)")
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "pagesession-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program = filepath.Join(dir, "pagesession")
	if err := build(program); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	moreParallel()
	defer closeBrowser()
	defer closeFirefox()
	return m.Run()
}

// build compiles the module's root into path, with the race detector when the
// tests have it too.
func build(path string) error {
	args := []string{"build", "-o", path}
	if raceDetector {
		args = append(args, "-race")
	}
	cmd := exec.Command("go", append(args, "pagesession")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build pagesession: %w\n%s", err, out)
	}
	return nil
}

// moreParallel runs more tests at once than there are processors, unless -parallel is
// given: they mostly wait for a session to end.
func moreParallel() {
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "test.parallel" })
	if !asked {
		_ = flag.Set("test.parallel", "6")
	}
}

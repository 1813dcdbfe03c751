package netns_test

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"pagesession/internal/testkit/netns"
)

// A test that was killed leaves its namespace, which the next test removes. That of a test that
// runs stays.
func TestNew_RemovesAbandoned(t *testing.T) {
	own := netns.New(t, "own")
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	abandoned := fmt.Sprintf("pagesession-%d-server", ended.Process.Pid)
	if out, err := exec.Command("ip", "netns", "add", abandoned).CombinedOutput(); err != nil {
		t.Fatalf("ip netns add: %v\n%s", err, out)
	}
	netns.New(t, "next")
	if _, err := os.Stat("/run/netns/" + abandoned); !os.IsNotExist(err) {
		_ = exec.Command("ip", "netns", "del", abandoned).Run() // so that this test leaves nothing
		t.Errorf("%s is there (%v); want it removed", abandoned, err)
	}
	if _, err := os.Stat("/run/netns/" + own.Name); err != nil {
		t.Error(err)
	}
}

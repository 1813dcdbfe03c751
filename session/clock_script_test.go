package session_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"testing"

	"github.com/andybalholm/brotli"

	"pagesession/session"
)

var update = flag.Bool("update", false, "write clock.js.br")

// maxClock is what the script may weigh in brotli. The lightest of the known timers that have
// a dialog weigh 2.8 to 6.5 KB, without the server's time or other tabs.
const maxClock = 4608

// clock.js.br is the script, compressed, and small.
func TestClockScript_Compressed(t *testing.T) {
	if *update {
		var b bytes.Buffer
		w := brotli.NewWriterLevel(&b, brotli.BestCompression)
		if _, err := w.Write(session.ClockScript()); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("clock.js.br", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	packed, err := os.ReadFile("clock.js.br")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(brotli.NewReader(bytes.NewReader(packed)))
	if err != nil || !bytes.Equal(plain, session.ClockScript()) {
		t.Errorf("clock.js.br is not clock.js (%v); run this test with -update", err)
	}
	if len(packed) > maxClock {
		t.Errorf("the script has %d bytes in brotli; want at most %d", len(packed), maxClock)
	}
	t.Logf("%d bytes, %d in brotli", len(plain), len(packed))
}

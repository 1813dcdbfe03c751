package e2e

import (
	"testing"
	"time"
)

// Asking how a session stands keeps nobody's session alive, however often a
// page asks: it is over when its 20 s are, and stays so while a minute goes by.
func TestPeek_KeepsNothingAlive(t *testing.T) {
	t.Parallel()
	s := start(t)
	began := time.Now()
	id := s.set()
	var over time.Duration
	for time.Since(began) < time.Minute {
		r := s.get("/session/", cookie(id))
		state := r.fields(t)["state"]
		switch {
		case over == 0 && state == "ended":
			over = r.got.Sub(began)
		case over > 0 && state != "ended":
			t.Fatalf("after %v the session is %v again", time.Since(began), state)
		}
		time.Sleep(500 * time.Millisecond)
	}
	if over < 20*time.Second || over > 20*time.Second+patience {
		t.Errorf("asked all the time the session ended after %v; want 20 s", over)
	}
}

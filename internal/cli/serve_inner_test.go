package cli

import (
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// Signals that come at once are one stop, as when timeout(1) sends one to the program and
// one to its group.
func TestSecondStop(t *testing.T) {
	for _, test := range []struct {
		name string
		at   []time.Duration
		want bool
	}{
		{"one", []time.Duration{0}, false},
		{"two at once", []time.Duration{0, 0}, false},
		{"three in a tenth of a second", []time.Duration{0, 50 * time.Millisecond, 100 * time.Millisecond}, false},
		{"a second one", []time.Duration{0, sameStop}, true},
		{"a second one of two", []time.Duration{0, 0, time.Second}, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			signals, released, got := make(chan os.Signal), make(chan struct{}), make(chan bool, 1)
			go func() { got <- secondStop(signals, released) }()
			begin := time.Now()
			for _, at := range test.at {
				time.Sleep(at - time.Since(begin))
				signals <- os.Interrupt
				synctest.Wait()
			}
			close(released)
			if got := <-got; got != test.want {
				t.Errorf("%s: secondStop = %v; want %v", test.name, got, test.want)
			}
		})
	}
}

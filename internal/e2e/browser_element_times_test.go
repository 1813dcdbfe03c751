package e2e

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// The time is written as the page has room for it, in the page's language, and the warning
// comes at the least of half the idle timeout, the larger of 20 s and a tenth, and 2 min.
func TestBrowserElement_Times(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, "--idle-timeout", "5m", "--language", "auto"), time.Minute)
	b.open("/set/")
	const second, minute, hour = 1000, 60_000, 3_600_000
	for ms, want := range map[int64]string{
		1: "1 second left", second: "1 second left", second + 1: "2 seconds left", 99 * second: "99 seconds left", 99*second + 1: "1:40 left",
		30*minute - 1: "30:00 left", 30*minute - second: "29:59 left", hour - second: "59:59 left", hour: "1 h 00 min left",
		2*hour + 5*minute: "2 h 05 min left", 48*hour - second: "47 h 59 min left", 48 * hour: "2 d left", 720*hour - second: "29 d left", 720 * hour: "30 d left",
	} {
		if got := evalWith[string](b, `clock.words(ms).join(' ')`, ms); got != want {
			t.Errorf("%d ms are written as %q; want %q", ms, got, want)
		}
	}
	for idle, want := range map[int64]int64{
		2 * second: second, 20 * second: 10 * second, 40 * second: 20 * second, minute: 20 * second, 200 * second: 20 * second,
		10 * minute: minute, 20 * minute: 2 * minute, 720 * hour: 2 * minute,
	} {
		if got := evalWith[int64](b, `(clock.idle = ms, clock.low())`, idle); got != want {
			t.Errorf("with an idle timeout of %d ms the warning comes %d ms before the end; want %d", idle, got, want)
		}
	}
}

// evalWith evaluates an expression with the element as clock and a number as ms.
func evalWith[T any](b *tab, expression string, ms int64) T {
	b.t.Helper()
	return eval[T](b, strings.NewReplacer("clock", `document.querySelector('session-clock')`, "(ms)", "("+strconv.FormatInt(ms, 10)+")", "= ms", "= "+strconv.FormatInt(ms, 10)).Replace(expression))
}

// The count reaches 0 a moment before the session's end, because an answer took its time. The
// warning does not come back for this moment.
func TestBrowserElement_LateAnswer(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, "--idle-timeout", "8s"), time.Minute)
	b.before(`addEventListener('session-warning', () => sessionStorage.setItem('warnings', 1 + +sessionStorage.getItem('warnings')));
		const real = self.fetch;
		self.fetch = async (...asked) => {
			if (document.querySelector('session-clock')?.remainingMs) await new Promise((done) => setTimeout(done, 600));
			return real(...asked);
		};`)
	b.open("/set/")
	b.until("the page of the end", `location.search === '?was=idle'`)
	if n := eval[string](b, `sessionStorage.getItem('warnings')`); n != "1" {
		t.Errorf("the warning came %s times; want once", n)
	}
}

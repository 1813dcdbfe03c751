package e2e

import (
	"testing"
	"time"
)

// samples gives the dashboard samples of its own: at has the instants, in seconds, and value is
// a function from an instant's index to what all figures are there.
const samples = `const give = (at, value) => {
	const names = document.querySelector('[data-gauges]').dataset.gauges.split(' ');
	const data = at.map((time, i) => [i + 1, time, ...names.map(() => value(i))]);
	document.dispatchEvent(new CustomEvent('console-stream', { detail: { type: 'samples', data } }));
};
// drawn reports whether a chart's line crosses the column for an instant; back is in seconds.
const drawn = (back) => {
	const figure = [...document.querySelectorAll('.chart')].find((f) => f.querySelector('[data-gauge=commit]'));
	const [over, canvas] = [figure.querySelector('.u-over').getBoundingClientRect(), figure.querySelector('canvas')];
	const [box, scale] = [canvas.getBoundingClientRect(), canvas.width / canvas.getBoundingClientRect().width];
	const x = Math.round((over.left - box.left + over.width * (1 - back / document.querySelector('[data-span]').dataset.span)) * scale);
	const copy = Object.assign(document.createElement('canvas'), { width: canvas.width, height: canvas.height }).getContext('2d', { willReadFrequently: true });
	copy.drawImage(canvas, 0, 0);
	const { data } = copy.getImageData(x - 1, 0, 3, canvas.height);
	for (let i = 0; i < data.length; i += 4) {
		const colour = data.slice(i, i + 3);
		if (data[i + 3] > 100 && Math.max(...colour) - Math.min(...colour) > 40) return true;
	}
	return false;
};
const second = (n) => Array.from({ length: n }, (_, i) => i);
`

// quiet leaves a page without a stream, so that its numbers are those of the test.
const quiet = `self.EventSource = class extends EventTarget { close() {} }`

// The charts have a gap where nothing was measured for long, a line through a few such seconds,
// and a dot where a value is alone. When the server's clock is set back, they go on.
func TestBrowserConsole_ChartsInOrder(t *testing.T) {
	t.Parallel()
	b := console(t, start(t), 2*time.Minute)
	b.before(quiet)
	b.open("/admin/")
	give := func(at, value string) {
		t.Helper()
		eval[bool](b, `(() => { `+samples+` self.drawn = drawn; give(`+at+`, `+value+`); return true })()`)
	}
	want := func(what, tiles string, lines map[string]bool) {
		t.Helper()
		b.until(what, tile("sessions")+" === '"+tiles+"'")
		for back, line := range lines {
			if got := eval[bool](b, `drawn(`+back+`)`); got != line {
				t.Errorf("%s: a line %s s before the end is %v; want %v", what, back, got, line)
			}
		}
	}
	// Values up to 500 s before the end, one at 300 s, one each 6 s in the last 100 s.
	give(`second(800).map((i) => 1795384800 + i)`, `(i) => i < 300 || i === 499 || (i >= 700 && i % 6 === 1) ? 7 : null`)
	b.until("charts", `document.querySelector('.uplot canvas')`)
	want("an idle time", "7", map[string]bool{"600": true, "400": false, "300": true, "200": false, "50": true})
	// After 400 s the clock is set back by an hour.
	give(`second(800).map((i) => 1795384800 + i - (i < 400 ? 0 : 3600))`, `(i) => (i < 799 ? 7 : 8)`)
	want("a clock that was set back", "8", map[string]bool{"600": true, "400": true, "100": true})
	// The newest sample is of 9:13:19 p.m.; a pixel is more than a second.
	b.until("the time at the pointer", `(() => {
		const over = document.querySelector('.u-over');
		const { right, top } = over.getBoundingClientRect();
		for (const type of ['mouseenter', 'mousemove']) over.dispatchEvent(new MouseEvent(type, { clientX: right - 1, clientY: top + 5, bubbles: true }));
		return [...document.querySelectorAll('[data-at]')].every((at) => /^9:13:1\d p\.m\.$/.test(at.textContent));
	})()`)
}

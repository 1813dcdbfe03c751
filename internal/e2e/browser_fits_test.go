package e2e

import (
	"fmt"
	"testing"
)

// A fit lists what does not fit on a page.
type fit struct {
	Wide  float64  `json:"wide"`  // pixels beyond the screen
	Cut   []string `json:"cut"`   // what has to be scrolled sideways, or is cut off at its edge
	Small []string `json:"small"` // buttons, links and fields below 24 pixels
	Off   []string `json:"off"`   // controls that reach beyond the screen
	Upon  []string `json:"upon"`  // controls that overlap
	Lang  string   `json:"lang"`
	H1    int      `json:"h1"`
}

// fitting makes a fit of the open page. A bar that stays in view and a dialog may lie over others, a picture has
// no text, and on a phone the product's name, a menu's, a select and a name in a list may be shortened.
const fitting = `(() => {
  const name = (e) => e.outerHTML.replace(/\s+/g, ' ').slice(0, 80);
  const style = (e) => getComputedStyle(e);
  const all = [...document.body.querySelectorAll('*')];
  const bars = all.filter((e) => ['sticky', 'fixed'].includes(style(e).position)), clipped = all.filter((e) => style(e).clipPath !== 'none');
  const asks = (e) => e && (e.localName === 'dialog' || asks(e.assignedSlot ?? e.parentNode ?? e.host));
  const floats = (e) => bars.some((bar) => bar.contains(e)) || asks(e);
  const hidden = (e) => !e.checkVisibility({visibilityProperty: true}) || e.closest('.skip, [aria-hidden=true]') || clipped.some((gone) => gone.contains(e));
  const box = (e) => e.getBoundingClientRect();
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;

  const controls = [...document.querySelectorAll('a, button, select, summary, textarea, input:not([type=hidden])')].filter((e) => !hidden(e) && box(e).width > 0);
  const small = controls.filter((e) => {
    const inline = style(e).display === 'inline'; // a link in a sentence is as high as its line
    return e.closest('main, .brand, button') && !inline && (box(e).width < 24 || box(e).height < 24);
  }).map(name);
  const off = controls.filter((e) => box(e).left < -.5 || box(e).right > innerWidth + .5).map(name);
  const over = [];
  const still = controls.filter((e) => !floats(e));
  still.forEach((a, i) => still.slice(i + 1).forEach((b) => {
    if (!a.contains(b) && [...a.getClientRects()].some((r) => [...b.getClientRects()].some((q) => meet(r, q)))) over.push(name(a) + ' and ' + name(b));
  }));
  const cut = all.filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && !hidden(e)
    && (style(e).overflowX !== 'visible' || e.matches('button, .button, th, td, dd, dt, label, h1, h2, li'))
    && !e.matches('select, input, textarea, summary, .brand, .plot, svg, .value, .codes, bdi') && !e.closest('svg, .uplot')).map(name);
  const pen = document.createElement('canvas').getContext('2d');
  cut.push(...controls.filter((e) => {
    const {paddingLeft, paddingRight} = style(e), {font} = getComputedStyle(e, '::placeholder');
    pen.font = font;
    return e.placeholder && !e.value && pen.measureText(e.placeholder).width > e.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
  }).map(name));
  return {cut, small, off, upon: over, wide: document.documentElement.scrollWidth - innerWidth, lang: document.documentElement.lang, h1: document.querySelectorAll('h1').length};
})()`

// fits fails the test unless the open page fits on its screen.
func (b *tab) fits(what string) {
	b.t.Helper()
	eval[fit](b, fitting).wants(b.t, what)
}

// wants fails the test for all that does not fit.
func (f fit) wants(t *testing.T, what string) {
	t.Helper()
	if f.Wide > 0 || len(f.Cut)+len(f.Small)+len(f.Off)+len(f.Upon) > 0 || f.Lang == "" || f.H1 != 1 {
		t.Errorf("%s: %s; want nothing too wide, cut, small, off the screen or over another, a language and one heading", what, fmt.Sprintf("%+v", f))
	}
}

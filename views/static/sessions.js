// The lists of sessions, live: what is left of each runs down by the page's own
// clock, and every few seconds the server is asked how they stand, in one request
// that extends no session. Only the server says that one has ended.

const every = 2000; // ms between two questions
const table = document.querySelector('[data-sessions]');

// words says milliseconds as the server does: "1 min 5 s".
function words(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s} s`;
  const two = (n, unit, rest, smaller) => `${Math.floor(n)} ${unit}${rest < 1 ? '' : ` ${Math.floor(rest)} ${smaller}`}`;
  if (s < 3600) return two(s / 60, 'min', s % 60, 's');
  if (s < 86400) return two(s / 3600, 'h', (s % 3600) / 60, 'min');
  return two(s / 86400, 'd', (s % 86400) / 3600, 'h');
}

const thousands = (n) => `${n}`.replace(/\B(?=(\d{3})+$)/g, '\u202f');
const write = (element, text) => { if (element && element.textContent !== text) element.textContent = text; };

// A Row is one session on the page.
class Row {
  constructor(element, received) {
    const find = (name) => element.querySelector(`[data-${name}]`);
    Object.assign(this, { element, handle: element.dataset.handle, ended: false });
    Object.assign(this, { ends: find('runs'), unused: find('unused'), age: find('age'), refreshes: find('refreshes'), bar: element.querySelector('progress') });
    this.created = received - +this.age?.dataset.age;
    this.take(+this.ends?.dataset.runs, +this.unused.dataset.unused, received);
  }

  take(remaining, unused, at) {
    this.end = at + remaining;
    this.used = at - unused;
  }

  draw(now) {
    if (this.ended) return;
    const left = Math.max(0, this.end - now);
    write(this.ends, words(left + 999));
    write(this.unused, `${words(now - this.used)} ago`);
    write(this.age, `${words(now - this.created)} ago`);
    if (!this.bar) return;
    this.bar.value = left;
    this.ends.closest('.ends').toggleAttribute('data-soon', left < Math.min(5000, this.bar.max / 2));
  }

  // hear takes what the server said.
  hear(session, at) {
    if (session.state !== 'live') return this.finish(session.why);
    this.take(session.remaining_ms, session.unused_ms, at);
    write(this.refreshes, thousands(session.refreshes));
  }

  finish(why) {
    this.ended = true;
    this.element.setAttribute('data-ended', '');
    write(this.ends, why ?? 'Ended');
    this.bar?.remove();
    const pick = this.element.querySelector('[data-pick]');
    if (pick) pick.checked = !(pick.disabled = true);
    const pill = document.querySelector('[data-pill]');
    if (pill) location.reload(); // the page of one session: it says more
    count();
  }
}

let rows = [];

function draw() {
  const now = performance.now();
  for (const row of rows) row.draw(now);
}

async function ask() {
  const live = rows.filter((row) => !row.ended);
  if (live.length === 0 || document.hidden) return;
  const asked = performance.now();
  try {
    const answer = await fetch(`${table.dataset.sessions}?h=${live.map((row) => row.handle)}`, { cache: 'no-store', signal: AbortSignal.timeout(5000) });
    if (!answer.ok) return;
    const now = await answer.json();
    for (const row of live) if (now[row.handle]) row.hear(now[row.handle], (asked + performance.now()) / 2);
  } catch { /* clock.js says that the server does not answer */ }
}

if (table) {
  const received = performance.getEntriesByType('navigation')[0]?.responseStart || performance.now();
  rows = [...document.querySelectorAll('[data-handle]')].map((element) => new Row(element, received));
  setInterval(draw, 200);
  setInterval(ask, every);
  document.addEventListener('visibilitychange', ask);
  draw();
}

// ---- New sessions. They are counted, and shown when the operator asks, so no row jumps.

const news = document.querySelector('[data-new]');

async function askNew() {
  if (document.hidden) return;
  const at = new URL(news.dataset.new, location.href);
  at.searchParams.set('age', Math.round(performance.now() - (performance.getEntriesByType('navigation')[0]?.responseStart ?? 0)));
  try {
    const answer = await fetch(at, { cache: 'no-store', signal: AbortSignal.timeout(5000) });
    if (!answer.ok) return;
    const found = await answer.json();
    const link = news.querySelector('a');
    link.hidden = found.new === 0;
    write(link, `${thousands(found.new)}${found.more ? ' or more' : ''} new: show`);
  } catch { /* clock.js says that the server does not answer */ }
}

if (news) {
  setInterval(askNew, 2 * every);
  document.addEventListener('visibilitychange', askNew);
}

// ---- Picking. Without scripts the boxes and the button are enough.

const all = document.querySelector('[data-pick-all]');
const picks = [...document.querySelectorAll('[data-pick]')];
const end = document.querySelector('[data-picked]');
const matching = document.querySelector('[data-all-matching]');

function count() {
  if (!end) return;
  const open = picks.filter((pick) => !pick.disabled);
  const n = open.filter((pick) => pick.checked).length;
  end.disabled = n === 0;
  end.textContent = n === 0 ? `${end.dataset.picked}…` : `${end.dataset.picked} ${n}…`;
  all.checked = n > 0 && n === open.length;
  all.indeterminate = n > 0 && n < open.length;
  if (matching) matching.hidden = !all.checked;
}

if (all) {
  all.hidden = false;
  all.addEventListener('change', () => {
    for (const pick of picks) if (!pick.disabled) pick.checked = all.checked;
    count();
  });
  for (const pick of picks) pick.addEventListener('change', count);
  addEventListener('pageshow', count); // a browser remembers what was picked
}

// ---- How far the server is with sessions that it ends. Without scripts the page loads again.

const ending = document.querySelector('[data-ending]');

async function askEnding() {
  if (document.hidden) return;
  try {
    const answer = await fetch(ending.dataset.state, { cache: 'no-store', signal: AbortSignal.timeout(5000) });
    if (!answer.ok) return;
    const now = await answer.json();
    if (now.id !== ending.dataset.ending) return; // of another server behind the same address
    if (!now.runs) return location.reload();
    write(ending.querySelector('[data-says]'), now.says);
    const bar = ending.querySelector('progress');
    if (bar) bar.value = now.ended;
  } catch { /* clock.js says that the server does not answer */ }
}

if (ending) {
  setInterval(askEnding, every);
  document.addEventListener('visibilitychange', askEnding);
}

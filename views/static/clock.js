// The clock of a session, on every page that has one.
//
// The server is the clock. A page says how many milliseconds were left when it
// was sent, and this counts down from there by performance.now(): the visitor's
// own clock may be wrong by hours. Whatever may have changed since (another tab,
// an operator, a night's sleep) is asked of GET /session/, which looks without
// sliding; and nothing is said to have ended before the server has said so.
//
// All texts stand in the page, in its language. This file shows and hides them,
// and puts numbers into those that have a {n}.

const root = document.documentElement;
const find = (name) => document.querySelector(`[data-${name}]`);
const each = (name, f) => document.querySelectorAll(`[data-${name}]`).forEach(f);
const title = document.title;
const site = new URL('..', import.meta.url).pathname.slice(0, -1); // the base path without its last slash: this file is in static/ below it
const { base = site, lowMs = 10_000, gone = `${site}/get/?was=` } = find('base')?.dataset ?? {}; // the console has its own

// ---- Other tabs. They hear that something happened, and ask the server what is
// true now, so a late message does no harm.

const channel = self.BroadcastChannel && new BroadcastChannel(`session${base}`);

function announce(news) {
  if (channel) return channel.postMessage(news);
  try {
    localStorage.setItem(`session${base}`, JSON.stringify({ ...news, once: Math.random() }));
    localStorage.removeItem(`session${base}`);
  } catch { /* no storage: the other tabs find out when they ask next */ }
}

function hear(f) {
  if (channel) channel.onmessage = (event) => f(event.data);
  else addEventListener('storage', (event) => event.key === `session${base}` && event.newValue && f(JSON.parse(event.newValue)));
}

// ---- What the server said last, in the time of performance.now().

let ends; // when the session ends, unless it is extended
let last; // when it ends whatever anybody does; Infinity: never
let idle; // what a look grants, in ms

const left = () => Math.max(0, ends - performance.now());
const low = () => Math.min(lowMs, idle / 2); // the warning begins here
const final = () => last - ends < 1000; // staying would win less than a second

function take(session, at = performance.now()) {
  const before = ends;
  ends = at + Math.max(session.remaining_ms, 250); // asked again at 0: not at once
  last = session.absolute_remaining_ms === null ? Infinity : at + session.absolute_remaining_ms;
  idle = session.idle_timeout_ms ?? session.remaining_ms;
  each('age', (e) => number(e, idle / 1000));
  document.querySelectorAll('[name=timeout]').forEach((e) => e.setAttribute('aria-current', e.value * 1000 === idle));
  if (session.name) document.querySelectorAll('[data-private] bdi').forEach((e) => { e.textContent = session.name; });
  if (Math.abs(ends - before) > 1000) rewrite();
}

// rewrite brings the written end up to date. How a date is written the server
// knows, and the home page, which only looks, has it.
async function rewrite() {
  if (!find('ends')) return;
  const answer = await fetch(`${site}/`, { cache: 'no-store' }).catch(() => null); // the count is right even so
  const now = answer && new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-ends]');
  if (now) find('ends').replaceWith(now);
}

// ---- What the page shows.

const plurals = new Intl.PluralRules(root.lang);

// number writes n into an element, in the words that the page brought for it.
function number(element, n) {
  const { [plurals.select(n)]: form, other = '{n}' } = element.dataset;
  element.textContent = (form ?? other).replace('{n}', n).replace('{clock}', `${Math.floor(n / 60)}:${`${n % 60}`.padStart(2, '0')}`);
}

function draw(ms) {
  const n = Math.ceil(ms / 1000);
  const known = ms > 0 || !lost;
  each('left', (e) => (known ? number(e, n) : (e.textContent = '?')));
  each('unit', (e) => number(e, n));
  each('arc', (arc) => {
    arc.setAttribute('stroke-dasharray', `${Math.min(100, (100 * ms) / idle)} 100`);
    arc.setAttribute('visibility', ms > 0 ? 'visible' : 'hidden'); // an empty round stroke is a dot
  });
  root.toggleAttribute('data-low', ms <= low());
  document.title = ms > 0 && ms <= low() ? `(${n}) ${title}` : title;
}

// conceal covers what is private while it is unknown whether the session lives.
const conceal = (on) => root.toggleAttribute('data-unsure', on);

// ---- The warning.

const dialog = find('warning');
let checked = false; // the server was asked before warning
let dismissed = false; // the visitor has seen that staying is no use
let said = 0; // the last number that was read out

function warn(ms) {
  if (ms > low() || ms === 0) {
    if (ms > 0) checked = dismissed = false;
    return close();
  }
  dialog.toggleAttribute('data-final', final());
  if (!checked) {
    checked = true; // perhaps another tab without scripts has extended the session
    ask();
  } else if (!dialog.open && !dismissed) {
    said = 0;
    find('failed').hidden = true;
    dialog.showModal();
    find(final() ? 'close' : 'stay').focus();
  }
  if (dialog.open) say(Math.ceil(ms / 1000));
}

// say reads the seconds out at the opening and at five, and then leaves the
// visitor in peace.
function say(n) {
  if (said === 0 || (said > 5 && n <= 5)) number(find('say'), (said = n));
}

const close = () => dialog.open && dialog.close(); // the browser gives the focus back

// stay slides the session. It fails in the open, and can be tried again.
let staying = false;
async function stay() {
  if (staying) return;
  staying = true;
  find('failed').hidden = true;
  try {
    const answer = await fetch(`${base}/session/refresh/`, { method: 'POST', signal: AbortSignal.timeout(5000) });
    if (answer.status === 401) return leave((await answer.json()).reason);
    if (!answer.ok) throw new Error(answer.status);
    announce({});
    await ask();
  } catch {
    warn(left());
    find('failed').hidden = false;
  } finally {
    staying = false;
  }
}

// ---- Counting and asking.

let timer = 0;
let retry = 0;
let lost = false; // the server did not answer
let leaving = false; // this page is on its way out
let heard = ''; // why the session ended, as another tab knows
let slept = Date.now() - performance.now();

// tick runs once for every second shown, and when the warning is due.
function tick() {
  clearTimeout(timer);
  if (leaving) return;
  const ms = left();
  draw(ms);
  warn(ms);
  if (ms === 0) {
    conceal(true);
    if (!lost) ask();
    return;
  }
  timer = setTimeout(tick, Math.min(ms % 1000, ms > low() ? ms - low() : 1000) + 5);
  // While the computer sleeps performance.now() may stand still; the date does not.
  const now = Date.now() - performance.now();
  if (Math.abs(now - slept) > 1500) ask();
  slept = now;
}

// ask looks at the session without sliding it. Who asks while an answer is
// under way gets one more: the first may be from before what they heard of.
let asking = null;
let again = false;
function ask() {
  again = Boolean(asking);
  asking ??= look().finally(() => {
    asking = null;
    if (again && !leaving) ask();
  });
  return asking;
}

async function look() {
  clearTimeout(retry);
  try {
    const answer = await fetch(`${base}/session/`, { cache: 'no-store', signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(answer.status);
    const session = await answer.json();
    if (session.state !== 'live') return leave(session.reason || heard);
    heard = '';
    reach(true);
    take(session);
  } catch {
    reach(false);
    retry = setTimeout(ask, 3000);
  }
  tick();
}

// reach notes whether the server answers, and never says more than "may have".
function reach(answered) {
  lost = !answered;
  root.toggleAttribute('data-lost', lost);
  const notice = find('notice');
  const text = lost ? notice.dataset.text : '';
  if (notice.textContent !== text) notice.textContent = text;
  if (answered) conceal(false);
}

// leave takes what is private off the page before anything else. Where the
// server does not know why the session ended (the browser has dropped the
// cookie by then), the page says what it saw: an end in time or an early one.
function leave(why) {
  leaving = true;
  clearTimeout(timer);
  clearTimeout(retry);
  each('private', (e) => e.remove());
  document.title = title;
  close();
  why ||= left() > 1000 ? 'deleted' : final() ? 'absolute' : 'idle';
  announce({ ended: why });
  location.replace(gone + why);
}

function start(clock) {
  const { remainingMs, idleMs, absoluteMs } = clock.dataset;
  const received = performance.getEntriesByType('navigation')[0]?.responseStart || performance.now();
  take({ remaining_ms: +remainingMs, idle_timeout_ms: +idleMs, absolute_remaining_ms: absoluteMs ? +absoluteMs : null }, received);
  hear((news) => {
    heard = news.ended || heard;
    ask();
  });
  find('stay').addEventListener('click', stay);
  find('close').addEventListener('click', close);
  // Escape means stay. A browser may close the dialog at a second Escape
  // whatever a page says; the next tick opens it again.
  dialog.addEventListener('cancel', (event) => {
    if (final()) return;
    event.preventDefault();
    stay();
  });
  dialog.addEventListener('close', () => { dismissed = final(); });
  document.addEventListener('visibilitychange', () => document.hidden || ask());
  addEventListener('online', () => ask());
  addEventListener('offline', () => ask());
  // A page that comes out of the back-forward cache has been covered since it
  // went in, and stays so until the server says that the session lives.
  addEventListener('pagehide', () => conceal(true));
  addEventListener('pageshow', (event) => event.persisted && ask());
  tick();
}

const clock = find('remaining-ms');
if (clock) start(clock);
announce({ ended: find('ended')?.dataset.ended });

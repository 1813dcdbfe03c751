// The server is the clock: the page says how many milliseconds were left when it
// was sent, and this counts down from receipt. The visitor's own clock is never
// asked. Nothing is said to have ended before the server said so.

const clock = document.querySelector('[data-remaining-ms]');
const find = (name) => document.querySelector(`[data-${name}]`);
const notice = find('notice');

const received = performance.getEntriesByType('navigation')[0]?.responseStart || performance.now();
let ends = received + Number(clock.dataset.remainingMs);
let timer = 0;
let retry = 0;
let asking = false;

function draw(left) {
  const n = Math.ceil(left / 1000);
  find('count').textContent = n;
  find('arc').setAttribute('stroke-dasharray', `${Math.min(100, (100 * left) / clock.dataset.idleMs)} 100`);
  if (find('left')) find('left').textContent = n === 1 ? '1 second' : `${n} seconds`;
  clock.toggleAttribute('data-low', n <= 5);
}

// next runs once for every second shown.
function next() {
  clearTimeout(timer);
  const left = Math.max(0, ends - performance.now());
  draw(left);
  if (left === 0) return ask();
  timer = setTimeout(next, (left % 1000) + 5);
}

// take makes ends what the server says now; another tab may have moved it.
function take(remaining) {
  const before = ends;
  ends = performance.now() + Math.max(remaining, 250);
  const time = document.querySelector('time');
  if (!time || Math.abs(ends - before) < 1000) return;
  const at = new Date(Date.parse(time.dateTime) + ends - before);
  time.dateTime = at.toISOString();
  time.textContent = at.toLocaleString('en-US', { timeZone: 'UTC', dateStyle: 'medium', timeStyle: 'medium' })
    .replace(/\sAM/, ' a.m.').replace(/\sPM/, ' p.m.');
}

// leave takes what is private off the page first. The browser has dropped the
// cookie by now, so the page says what it saw: an end in time or an early one.
function leave() {
  clearTimeout(timer);
  document.querySelectorAll('[data-private]').forEach((e) => e.remove());
  location.replace(ends - performance.now() < 1000 ? '/get/?was=live' : '/get/?was=deleted');
}

// ask looks at the session without sliding it.
async function ask() {
  if (asking) return;
  asking = true;
  clearTimeout(retry);
  try {
    const answer = await fetch('/session/', { cache: 'no-store', signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(answer.status);
    const session = await answer.json();
    if (session.state !== 'live') return leave();
    if (session.remaining_ms === null) return; // it has no end any more
    notice.textContent = '';
    take(session.remaining_ms);
    next();
  } catch {
    notice.textContent = 'Cannot reach the server; your session may have ended.';
    retry = setTimeout(ask, 3000);
  } finally {
    asking = false;
  }
}

// A sleeping computer or a page out of the back-forward cache has missed time
// that performance.now() may not have counted.
document.addEventListener('visibilitychange', () => document.hidden || ask());
addEventListener('pageshow', (event) => event.persisted && ask());
addEventListener('online', ask);
next();

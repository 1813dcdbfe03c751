// What the visitors' pages add to <session-clock>. Their script is one file: the element,
// typed.js, the texts in the page's language, this, and stream.js.

const site = new URL('..', import.meta.url).pathname; // this file is in static/, below the base path
const { texts } = SessionClock;

SessionClock.src = `${site}session/`;
queueMicrotask(() => { // when the element has begun
  const clock = document.querySelector('session-clock');
  if (clock) keepText(clock, '');
});

const clock = document.querySelector('session-clock:not([ended])'); // a page has one at most
if (clock) {
  clock.setAttribute('ended-href', `${site}get/?was={reason}`);
  clock.append(deletion());
  // Back, Forward and a reload come to the page that shows the session. They would set the name
  // again, or begin a session that the visitor did not ask for.
  if (location.pathname === `${site}set/` && clock.matches('.clock')) history.replaceState(null, '', `${site}get/?was=live`);
}

// deletion is the form in the warning that deletes the session.
function deletion() {
  const form = document.createElement('form');
  Object.assign(form, { slot: 'more', method: 'post', action: `${site}del/` });
  form.append(Object.assign(document.createElement('button'), { textContent: texts.delete }));
  return form;
}

// The pages about a session that has ended, and about none, lead to the new one.
addEventListener('session-extended', ({ detail }) => {
  if (detail.reason !== 'new') rewrite();
  else if (!changed().length) location.replace(site);
});

// rewrite brings the written end up to date. Only the server knows how to write a date, so it
// takes the end from the home page, which extends nothing.
async function rewrite() {
  const written = document.querySelector('[data-ends]');
  if (!written) return;
  const answer = await fetch(site, { cache: 'no-store' }).catch(() => null); // the count is right even so
  const now = answer && new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-ends]');
  if (now) written.replaceWith(now);
}

// Another tab may have changed the name or the timeout.
addEventListener('session-status', ({ detail: { session } }) => {
  for (const e of document.querySelectorAll('[data-private] bdi')) e.textContent = session.name;
  for (const e of document.querySelectorAll('[name=timeout]')) {
    const current = e.value * 1000 === session.idle_timeout_ms;
    e.setAttribute('aria-current', current);
    if (current) document.querySelectorAll('[data-age]').forEach((age) => { age.textContent = e.textContent; });
  }
});

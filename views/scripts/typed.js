// The end of a session, on the pages and in the console: text that was being typed is kept, and
// what is private leaves the page.
//
// Text is kept in this tab alone (sessionStorage), when the session has expired, and offered for
// ten minutes, to the same owner. Any other end deletes it; so does its use. Never kept are
// passwords, codes, fields within [data-no-keep], and forms that have a password, unless they
// say data-keep.

Object.assign(SessionClock.texts, { typed: 'You were typing this when your session ended:', back: 'Put it back', discard: 'Discard' });

const keptFor = 600_000;
const pause = 2000; // without a letter, after which the person is taken to have finished
const sensitive = /password|one-time|^cc-/;
let keeper; // the element, once keepText was called
let owner;
let lastTyped = -Infinity; // when a letter came, by performance.now()
let ending; // why the session has ended, while the page waits for the last letters

// mayKeep reports whether a field's text may be kept.
function mayKeep(e) {
  return /^(text|search|email|url|tel|number|textarea)$/.test(e.type) && e.name && !sensitive.test(e.autocomplete) &&
    !e.closest('[data-no-keep]') && (!e.form?.querySelector('[type=password]') || e.form.hasAttribute('data-keep'));
}

const fields = () => [...document.querySelectorAll('main input, main textarea')].filter(mayKeep);
const changed = () => fields().filter((e) => e.value !== e.defaultValue && e.value.trim());

// storage calls f with the key and sessionStorage; a browser that has none keeps nothing.
function storage(f) {
  try {
    return f(sessionStorage, `typed:${keeper.src}`);
  } catch { /* none, or it is full */ }
}

const forget = () => storage((store, key) => store.removeItem(key));

// keep keeps what has been typed. sent is for a form that is on its way to the server.
function keep(sent = false) {
  const text = Object.fromEntries(changed().map((e) => [e.name, e.value]));
  if (Object.keys(text).length) storage((store, key) => store.setItem(key, JSON.stringify({ at: Date.now(), path: location.pathname, owner, sent, text })));
}

// kept returns what is kept for this owner, or nothing. A page that only says that the session
// has ended has no owner, and leaves it.
function kept() {
  const record = storage((store, key) => JSON.parse(store.getItem(key)));
  if (!record) return null;
  const live = !keeper.hasAttribute('ended');
  if (Date.now() - record.at > keptFor || (live && (record.sent || record.owner !== owner))) return void forget();
  if (record.sent) storage((store, key) => store.setItem(key, JSON.stringify({ ...record, sent: false })));
  return record.owner === owner ? record : null;
}

// keepText starts to keep text, for one owner; if that is undefined the page keeps none.
function keepText(clock, whose) {
  keeper = clock;
  owner = whose;
  if (/deleted|revoked|replaced/.test(clock.getAttribute('ended'))) forget();
  const record = kept();
  if (record && (clock.getAttribute('ended') || record.path === location.pathname)) offer(record);
}

addEventListener('input', (event) => {
  if (!event.isTrusted || !mayKeep(event.target)) return;
  lastTyped = performance.now();
  if (ending) keep();
}, true);

addEventListener('submit', () => keeper && owner !== undefined && keep(true));

addEventListener('session-ended', (event) => {
  const { reason } = event.detail;
  if (keeper && /idle|absolute/.test(reason) && owner !== undefined) keep();
  else if (keeper) forget();
  ending = reason;
  event.preventDefault();
  leave(event.target);
});

let going = -Infinity; // when the page was on its way elsewhere, such as to that of a deletion
addEventListener('beforeunload', () => { going = performance.now(); });

// leave takes what is private off the page and opens the next one. While someone types it
// waits until they pause, so that no letter is lost. A page that is on its way already goes
// on, because another address would stop it; it moves later if it is still here.
function leave(clock) {
  const wait = lastTyped + pause - performance.now();
  if (wait > 0 && /idle|absolute/.test(ending)) return void setTimeout(() => leave(clock), wait);
  for (const e of document.querySelectorAll('[data-private]')) e.remove();
  if (performance.now() - going > 5000) clock.leave(ending);
  else setTimeout(() => clock.leave(ending), 5000);
}

// offer shows what is kept, with a button that puts it back where this page has the fields.
function offer({ text }) {
  const { texts } = SessionClock;
  const make = (tag, properties, ...children) => {
    const e = Object.assign(document.createElement(tag), properties);
    e.append(...children);
    return e;
  };
  const into = fields().filter((e) => e.name in text);
  const done = () => {
    forget();
    card.remove();
  };
  const back = make('button', { type: 'button', className: 'main', textContent: texts.back });
  const discard = make('button', { type: 'button', textContent: texts.discard, onclick: done });
  const card = make('section', { className: 'message offer' }, make('p', { textContent: texts.typed }),
    ...Object.values(text).map((value) => make('p', { className: 'typed', textContent: value })),
    make('p', { className: 'row' }, ...(into.length ? [back] : []), discard));
  card.setAttribute('aria-label', texts.typed);
  back.onclick = () => {
    done();
    for (const e of into) {
      e.value = text[e.name];
      e.dispatchEvent(new Event('input', { bubbles: true }));
    }
    into[0].focus();
  };
  document.querySelector('main h1').after(card);
}

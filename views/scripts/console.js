// Improves the console's pages where scripts run. Every page works without it. The element
// <session-clock> is in the same file, before this.

Object.assign(SessionClock.texts, {
  label: 'Time until you are signed out',
  text: 'You will be signed out unless you choose to stay.',
  stay: 'Stay signed in',
  failed: 'The server did not answer. Try again.',
  final: 'You will be signed out soon',
  limit: 'Your session is about to reach its maximum length and can’t be extended. Finish what you are doing, then sign in again.',
  lost: 'The server does not answer. This page may be out of date.',
  ended: 'You have been signed out.',
  go: 'Sign in',
});

// The warning has the header's button to sign out. A sign-out deletes what is kept.
for (const clock of document.querySelectorAll('session-clock:not([ended])')) {
  const header = document.querySelector('.me > form');
  const form = header.cloneNode(true);
  form.slot = 'more';
  form.firstElementChild.className = '';
  clock.append(form);
  for (const out of [form, header]) out.addEventListener('submit', forget);
}

document.querySelector('[data-leaves]')?.addEventListener('submit', forget); // it may sign out

// Text is kept for the operator who typed it. The sign-in page knows none.
queueMicrotask(() => { // when the element has begun
  const clock = document.querySelector('session-clock');
  if (clock) keepText(clock, clock.dataset.keep);
});

// typing reports whether the page has text that leaving it would lose.
const typing = () => [...document.querySelectorAll('main input')].some((e) => e.value !== e.defaultValue);

// afresh loads this page again. With a #part in it, the address alone would only scroll.
const afresh = () => location.replace(location.pathname + location.search);

// A sign-in in another tab is one in this tab, too.
addEventListener('session-extended', ({ detail }) => {
  if (detail.reason === 'new' && !typing()) afresh();
});

// The link for the first operator has its key behind the #, so browsers send it to no server.
const key = document.querySelector('[data-key]');
if (key && location.hash.startsWith('#key=')) {
  key.value = location.hash.slice(5);
  key.closest('.field').hidden = true;
  history.replaceState(null, '', location.pathname); // the address bar shows it no longer
}

// A choice takes effect at once; the button beside it is for browsers without scripts.
for (const choice of document.querySelectorAll('[data-submit]')) {
  choice.addEventListener('change', () => choice.form.submit());
}
for (const button of document.querySelectorAll('[data-noscript]')) button.hidden = true;

// On a narrow screen, scroll the menu to this page's section.
document.querySelector('.sections [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });

// A menu closes with a click elsewhere, or with Escape.
for (const menu of document.querySelectorAll('details.menu')) {
  document.addEventListener('click', (event) => menu.contains(event.target) || menu.removeAttribute('open'));
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !menu.open) return;
    menu.removeAttribute('open');
    menu.querySelector('summary').focus();
  });
}

// The box in a table's head ticks all those below it.
for (const all of document.querySelectorAll('[data-all]')) {
  const boxes = [...all.closest('table').querySelectorAll('[data-one]')];
  const count = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  all.hidden = false;
  all.addEventListener('change', () => { for (const box of boxes) box.checked = all.checked; });
  for (const box of boxes) box.addEventListener('change', count);
  addEventListener('pageshow', count); // a browser remembers what was ticked
}

for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => print());
}

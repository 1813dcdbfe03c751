// Keeps a wall screen up to date: asks for the page every two seconds and shows its numbers. While
// the server does not answer, the screen says so and stays, since a browser's error page would
// never come back. When the session of the screen has ended, the browser goes to the sign-in page.

const each = 2000;
const patience = 10_000; // ms for an answer
const screen = () => document.querySelector('[data-wall]');

async function look() {
  try {
    const answer = await fetch(location.href, { redirect: 'manual', cache: 'no-store', signal: AbortSignal.timeout(patience) });
    if (answer.type === 'opaqueredirect') return location.reload();
    if (!answer.ok) throw new Error(answer.status);
    show(new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-wall]'));
  } catch {
    lose();
  }
  setTimeout(look, each);
}

// show puts the server's numbers in place. Another version of the server has other styles.
function show(fresh) {
  if (fresh?.dataset.version !== screen().dataset.version) return location.reload();
  screen().replaceWith(document.adoptNode(fresh));
}

function lose() {
  const state = screen().querySelector('[data-state]');
  screen().dataset.stale = '';
  state.className = 'pill warn';
  if (state.textContent !== state.dataset.lost) state.textContent = state.dataset.lost;
}

setTimeout(look, each);

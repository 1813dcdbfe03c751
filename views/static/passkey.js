// Passkeys: a form with data-passkey asks the server for options, has the browser make or use
// a passkey, and sends the answer as its field "answer". Nothing here is secret.

// Browsers have passkeys only on https pages and on localhost.
const supported = window.isSecureContext && 'PublicKeyCredential' in window && Boolean(navigator.credentials);

// WebAuthn has bytes where JSON has base64url. The browsers' own conversions are too new.
const inBase64 = { '-': '+', '_': '\u002f' };
const inURL = { '+': '-', '\u002f': '_', '=': '' };
const bytes = (text) => Uint8Array.from(atob(text.replace(/[-_]/g, (c) => inBase64[c])), (c) => c.charCodeAt(0));
const base64url = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/[^a-z0-9]/gi, (c) => inURL[c]);

// optionsOf returns the options of the server as the browser takes them.
function optionsOf(json) {
  const withBytes = (keys) => keys?.map((key) => ({ ...key, id: bytes(key.id) }));
  const options = { ...json, challenge: bytes(json.challenge) };
  if (json.user) options.user = { ...json.user, id: bytes(json.user.id) };
  if (json.excludeCredentials) options.excludeCredentials = withBytes(json.excludeCredentials);
  if (json.allowCredentials) options.allowCredentials = withBytes(json.allowCredentials);
  return options;
}

// answerOf returns what the browser has of a passkey, as JSON.
function answerOf(passkey) {
  const response = {};
  for (const part of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (passkey.response[part]) response[part] = base64url(passkey.response[part]);
  }
  const id = base64url(passkey.rawId);
  return JSON.stringify({ id, rawId: id, type: passkey.type, clientExtensionResults: {}, response });
}

// sayings are what people read of the browser's errors.
const sayings = {
  NotAllowedError: 'The browser did not use a passkey: you cancelled, it took too long, or it has none for this address. Try again.',
  InvalidStateError: 'This device or password manager has a passkey for your account already. Use it, or choose another device.',
  NotSupportedError: 'This device cannot make a passkey that works here. Try another device or a password manager.',
  SecurityError: 'The browser allows no passkeys at this address. Open the console under its https address with a host name.',
};
// A Saying is an error with a sentence for people.
class Saying extends Error {}
const failed = 'The browser could not use a passkey. Try again, or sign in another way.';
const unreachable = 'The server did not answer. Try again.';

// ask gets the options for a form; null if it leads elsewhere.
async function ask(form) {
  const answer = await fetch(form.dataset.options, { method: 'POST', body: new URLSearchParams(new FormData(form)) }).catch(() => null);
  if (answer?.redirected) {
    location.assign(answer.url); // the session or the sign-in has ended
    return null;
  }
  const known = await answer?.json().catch(() => null);
  if (!known?.options) throw new Saying(known?.wrong ?? unreachable);
  return optionsOf(known.options);
}

// use has the browser make or use a passkey, and sends the form.
async function use(form) {
  const publicKey = await ask(form);
  if (!publicKey) return;
  const passkey = await navigator.credentials[form.dataset.passkey]({ publicKey }).catch((error) => {
    throw new Saying(sayings[error.name] ?? failed);
  });
  form.elements.answer.value = answerOf(passkey);
  form.submit();
}

for (const part of document.querySelectorAll('[data-supported]')) part.hidden = !supported;
for (const part of document.querySelectorAll('[data-unsupported]')) part.hidden = supported;

for (const form of document.querySelectorAll('form[data-passkey]')) {
  const wrong = form.querySelector('[data-failed]');
  const button = form.querySelector('button');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    wrong.hidden = true;
    use(form).catch((error) => {
      wrong.textContent = error instanceof Saying ? error.message : failed;
      wrong.hidden = false;
    }).finally(() => { button.disabled = false; });
  });
}

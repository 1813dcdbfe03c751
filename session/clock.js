// <session-clock> counts a session down, warns before its end, and says when it has ended.
//
// The server is the clock. A page says how many milliseconds were left when it was sent, or
// the element asks; it counts down from there by performance.now(), because the visitor's own
// clock may be wrong by hours. Whatever may have changed since (another tab, an operator, a
// night's sleep) it asks of the address in src, which extends nothing, and it says "ended" only
// when the server has said so.
//
//   state    means                                            leads to
//   none     no session in this page so far                   live
//   live     counting                                         low, ended
//   low      counting, and the warning is due                 live, ended
//   unsure   the count is 0, or the page was set aside:       live, ended
//            the server has not said what is true
//   ended    the server has said so                           live, by a session begun elsewhere
//
// "lost" is added while the server does not answer. The states are on the element, in "state",
// and on <html>, in "data-session", for stylesheets.
//
// The element changes its own shadow tree, these two attributes and the count before the title.
// Tabs send each other {} (a session was begun or extended) and {ended: reason}, under a name
// that has the address in src, so clocks of different sessions do not hear each other. A message
// only makes a tab ask the server; a late, lost or forged one does no harm.
//
// The server sends this file without the lines that are comments.

const ring = '<svg part="ring" viewBox="0 0 120 120" width="1.25em" aria-hidden="true" fill="none" stroke-width="16"><circle part="track" cx="60" cy="60" r="52"/><circle part="arc" cx="60" cy="60" r="52" stroke="currentColor" pathLength="100" transform="rotate(-90 60 60)"/></svg><span part="count"><b part="number"></b> <span part="unit"></span></span>';
const css = `
[part~=clock] { display: inline-flex; align-items: center; gap: .4em; font-variant-numeric: tabular-nums; }
[part=ring] { overflow: visible; stroke-linecap: round; }
[part=track] { stroke: var(--session-clock-track, #8885); }
[part=arc] { stroke: var(--session-clock-color, #0b6b5b); }
:host([state~=low]) [part=arc] { stroke: var(--session-clock-low, #a63c12); }
[part=notice], dialog { overflow-wrap: anywhere; box-sizing: border-box; width: fit-content; max-width: min(27rem, 100% - 2rem); margin: auto; padding: 1.25rem; border: 1px solid #8885; border-radius: 12px; background: var(--session-clock-card, Canvas); color: var(--session-clock-text, CanvasText); }
[part=notice], [part~=bar] { position: fixed; z-index: 9; inset: auto 0 1rem; }
[part~=bar] { flex-wrap: wrap; align-items: center; gap: 0 1em; padding: .5rem 1rem; }
[part~=bar][open] { display: flex; }
[part~=bar] > * { margin: 0; }
[part~=bar] > h2 { font-size: 1em; }
[part~=bar] > #text { display: none; }
[part=say] { position: absolute; clip-path: inset(50%); }
::backdrop { background: #0008; }
[hidden], dialog:not([open]) { display: none !important; }
button { font: inherit; padding: .4em 1em; }`;
// The types of fields that people type into.
const textTypes = /^(textarea|text|search|email|url|tel|number|password)$/;
const two = (n) => `${n}`.padStart(2, '0');

// focused returns the element that has the focus, inside shadow trees too.
function focused() {
  let e = document.activeElement;
  while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
  return e;
}

// isText reports whether people type into an element. A frame may have an editor.
const isText = (e) => e && (e.isContentEditable || e.contentWindow || textTypes.test(e.type));

export class SessionClock extends HTMLElement {
  // What the element says. A page sets other words with Object.assign(SessionClock.texts, …),
  // the attribute text-stay, or a child with slot="stay".
  static texts = {
    label: 'Time left',
    seconds: { one: 'second left', other: 'seconds left' },
    left: 'left',
    hours: '{h} h {m} min',
    days: '{d} d',
    title: 'Are you still there?',
    text: 'Your session ends unless you stay.',
    stay: 'Stay',
    failed: 'That did not work: the server did not answer. Try again.',
    final: 'Your session ends soon',
    limit: 'It is about to reach its maximum length and can’t be extended.',
    close: 'OK',
    lost: 'Cannot reach the server; your session may have ended.',
    ended: 'Your session has ended.',
    go: 'Continue',
  };

  static src = new URL('.', import.meta.url).pathname;

  // The count before the title of the page.
  static counted = '';

  // It is not in a page.
  gone = true;

  parts = {};

  plurals = new Intl.PluralRules('en');

  // After an extension that failed typing waits until then.
  rest = 0;

  // ---- Its life in a page.

  // Scripts that import this one set their texts before the element begins.
  connectedCallback() { queueMicrotask(() => this.gone && this.isConnected && this.begin()); }

  disconnectedCallback() {
    if (this.gone) return;
    this.listen('remove');
    this.channel?.close();
    clearTimeout(this.timer);
    clearTimeout(this.retry);
    this.shut();
    this.count('');
    this.gone = true;
  }

  listen(add) {
    for (const [target, names] of [[document, 'visibilitychange input'], [self, 'online offline pagehide pageshow storage'], [this.parts.button, 'click'], [this.dialog, 'cancel']]) {
      for (const name of names.split(' ')) target[`${add}EventListener`](name, this, true);
    }
  }

  begin() {
    const number = (name) => (this.getAttribute(name) ? +this.getAttribute(name) : null);
    this.gone = false;
    this.src = this.getAttribute('src') ?? SessionClock.src;
    this.name = `session-clock:${this.src}`;
    this.slept = Date.now() - performance.now();
    this.heard = '';
    if (!this.shadowRoot) this.build();
    this.listen('add');
    if (self.BroadcastChannel) {
      this.channel = new BroadcastChannel(this.name);
      this.channel.onmessage = (event) => this.hear(event.data);
    }
    // If it was moved within the page its attributes are old.
    if (this.state) return this.ask();
    this.parts.clock.setAttribute('aria-label', this.text('label'));
    if (this.hasAttribute('ended')) {
      this.mark('none');
      return this.announce({ ended: this.getAttribute('ended') });
    }
    if (!this.hasAttribute('remaining-ms')) return this.ask();
    const received = performance.getEntriesByType?.('navigation')[0]?.responseStart || performance.now();
    this.take({ remaining_ms: number('remaining-ms'), idle_timeout_ms: number('idle-ms'), absolute_remaining_ms: number('absolute-ms') }, received);
    this.tick();
  }

  handleEvent(event) {
    const { type } = event;
    if (type === 'input') return this.type(event);
    if (type === 'storage') return void (event.key === this.name && event.newValue && this.hear(JSON.parse(event.newValue)));
    // Escape means the button. A browser may close the dialog at a second Escape whatever a
    // page says; the next tick opens it again.
    if (type === 'cancel' || type === 'click') {
      event.preventDefault();
      if (!this.final()) return this.extend();
      this.dismissed = true;
      return this.shut();
    }
    // A page that comes out of the back-forward cache has been covered since it went in, and
    // stays so until the server says that the session lives.
    if (type === 'pagehide') return void (this.live() && this.mark('unsure'));
    if (type === 'pageshow' ? event.persisted : !document.hidden) this.ask();
  }

  // ---- Other tabs.

  announce(news) {
    if (this.channel) return this.channel.postMessage(news);
    try {
      localStorage.setItem(this.name, JSON.stringify({ ...news, once: Math.random() }));
      localStorage.removeItem(this.name);
    } catch {
      // No storage: the other tabs find out when they ask next.
    }
  }

  // hear takes news of another tab: it asks, and keeps the reason in case the server has none.
  hear(news) {
    const { ended } = news ?? {};
    if (ended !== undefined && !this.live()) return;
    this.heard = /^[a-z]+$/.test(ended ?? '') ? ended : '';
    this.ask();
  }

  // ---- What the server said last, in the time of performance.now().

  get remainingMs() { return Math.max(0, this.ends - performance.now()); }

  live() { return /live|unsure/.test(this.state); }

  low() { return +this.getAttribute('warn-ms') || Math.min(this.idle / 2, Math.max(20_000, this.idle / 10), 120_000); }

  // final reports whether staying would win less than a second.
  final() { return this.last - this.ends < 1000; }

  take(session, at = performance.now()) {
    const { remaining_ms: left, idle_timeout_ms: idle, absolute_remaining_ms: most } = session;
    const [before, given, fresh] = [this.ends, this.idle, this.state && !this.live()];
    const time = (ms) => (ms === null ? Infinity : at + ms);
    // At 0 it asks again, but not at once.
    this.ends = Math.max(time(left), at + 250);
    this.last = time(most);
    this.idle = idle ?? left ?? Infinity;
    this.mark('live');
    // The visit to this page has extended the session.
    if (before === undefined && !fresh) return this.announce({});
    this.fire('status', { session });
    if (fresh || Math.abs(this.ends - before) > 1000 || given !== this.idle) this.fire('extended', { reason: fresh ? 'new' : '' });
  }

  // fire sends an event to the page, and reports whether the page leaves the rest to the element.
  fire(name, detail) {
    return this.dispatchEvent(new CustomEvent(`session-${name}`, { bubbles: true, composed: true, cancelable: true, detail: { reason: '', remainingMs: this.remainingMs, ...detail } }));
  }

  // ask looks at the session without extending it. If an answer is under way it asks once
  // more, because the first may be from before the news.
  ask() {
    this.again = Boolean(this.asking);
    this.asking ??= this.look().finally(() => {
      this.asking = null;
      if (this.again && !this.gone) this.ask();
    });
    return this.asking;
  }

  async look() {
    clearTimeout(this.retry);
    // A frozen page reads its answer when it wakes, perhaps after the end.
    const asked = performance.now();
    try {
      const { ok, body: session } = await this.fetch('', 'GET');
      if (!ok) throw session;
      if (this.gone) return;
      this.lost = false;
      if (session.state !== 'live') return this.end(session.reason);
      // With another question under way the answer may be from before the news.
      if (!this.again) this.heard = '';
      this.take(session, asked);
    } catch {
      if (this.gone) return;
      this.lost = true;
      this.retry = setTimeout(() => this.ask(), 3000);
    }
    this.tick();
  }

  // fetch gives up after five seconds, also on a body that does not come, as after a freeze.
  // Safari 15 has no AbortSignal.timeout.
  async fetch(path, method) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), 5000);
    try {
      const answer = await fetch(this.src + path, { method, cache: 'no-store', signal: stop.signal });
      return { ok: answer.ok, status: answer.status, body: answer.status === 204 ? null : await answer.json() };
    } finally {
      clearTimeout(timer);
    }
  }

  // extend starts the idle timeout again, and reports whether it did. It can be tried again.
  async extend() {
    if (this.extending) return false;
    this.extending = true;
    this.parts.failed.hidden = true;
    this.typed = false;
    try {
      const { ok, status, body } = await this.fetch('refresh/', 'POST');
      if (status === 401) return this.end(body.reason);
      if (!ok) throw body;
      if (this.gone) return true;
      this.announce({});
      await this.ask();
      return true;
    } catch {
      this.rest = performance.now() + Math.min(this.idle / 4, 3000);
      this.put('failed', 'failed');
      this.parts.failed.hidden = false;
      return false;
    } finally {
      this.extending = false;
    }
  }

  // type takes what is typed as presence: it extends the session, at most once in a quarter of
  // the idle timeout. Pointer moves, the focus and scripts do not.
  type(event) {
    if (!event.isTrusted || !isText(event.composedPath()[0])) return;
    this.typed = true;
    this.present();
  }

  present() {
    if (this.typed && this.live() && !this.final() && performance.now() >= this.rest && this.idle - this.remainingMs >= this.idle / 4) this.extend();
  }

  // end says that the session has ended. Where the server does not know why (the browser has
  // dropped the cookie by then), the element says what it saw: an end in time or an early one.
  end(reason) {
    if (!this.state) this.mark('none');
    if (!this.live()) return false;
    const why = reason || this.heard || (this.remainingMs > 1000 ? 'deleted' : this.final() ? 'absolute' : 'idle');
    clearTimeout(this.timer);
    this.shut();
    this.mark('ended');
    this.announce({ ended: why });
    if (this.fire('ended', { reason: why, remainingMs: 0 })) this.leave(why);
    return false;
  }

  // leave opens the page for the end. If the visitor answers "Leave site?" with Cancel, or
  // there is no such page, this one says what happened.
  leave(why) {
    const href = this.getAttribute('ended-href')?.replace('{reason}', why);
    this.timer = setTimeout(() => this.note(this.live() ? '' : 'ended', href), href ? 1000 : 0);
    if (href) location.replace(href);
  }

  // ---- What it shows.

  // tick runs once for every second shown.
  tick() {
    clearTimeout(this.timer);
    if (!this.live() || this.gone) return;
    const ms = this.remainingMs;
    if (ms === 0) this.mark('unsure');
    this.draw(ms);
    this.warn(ms);
    if (ms === 0) return void (this.lost || this.ask());
    this.present();
    this.timer = setTimeout(() => this.tick(), (ms % 1000 || 1000) + 5);
    // While the computer sleeps performance.now() may stand still; the date does not.
    const slept = Date.now() - performance.now();
    if (Math.abs(slept - this.slept) > 1500) this.ask();
    this.slept = slept;
  }

  // mark sets the state, and writes it where stylesheets see it.
  mark(state) {
    this.state = state;
    const ms = this.remainingMs;
    const low = this.live() && ms <= this.low() ? ' low' : '';
    this.count(low && ms ? `(${this.words(ms)[0]}) ` : '');
    for (const [e, name] of [[this, 'state'], [document.documentElement, 'data-session']]) e.setAttribute(name, state + low + (this.lost ? ' lost' : ''));
    this.parts.clock.hidden = !(this.live() && this.ends < Infinity);
    this.note(this.lost && this.live() ? 'lost' : '');
  }

  // count writes a count before the title, in place of the last one; "" takes that away. What
  // the page itself has there, such as "(3) Inbox", stays.
  count(count) {
    const { counted } = SessionClock;
    const { title } = document;
    if (count === counted) return;
    document.title = count + (title.startsWith(counted) ? title.slice(counted.length) : title);
    SessionClock.counted = count;
  }

  // note shows the text of a name at the foot of the page, with a link; "" hides it.
  note(name, href) {
    const { notice } = this.parts;
    const go = notice.querySelector('a');
    notice.hidden = !name;
    if (name) this.put('notice', name);
    go.textContent = href ? this.text('go') : '';
    if (href) go.href = href;
  }

  text(name, n) {
    const text = this.getAttribute(`text-${name}`) ?? SessionClock.texts[name] ?? '';
    return text[this.plurals.select(n)] ?? text.other ?? text;
  }

  // words returns a time as a number and its unit.
  words(ms) {
    const s = Math.ceil(ms / 1000);
    if (s < 100) return [`${s}`, this.text('seconds', s)];
    const [m, h] = [Math.floor(s / 60), Math.floor(s / 3600)];
    const long = h < 1 ? `${m}:${two(s % 60)}` : h < 48 ? this.text('hours').replace('{h}', h).replace('{m}', two(m % 60)) : this.text('days').replace('{d}', Math.floor(h / 24));
    return [long, this.text('left')];
  }

  draw(ms) {
    this.mark(this.state);
    const [number, unit] = ms || !this.lost ? this.words(ms) : ['?', this.text('seconds', 0)];
    const each = (part, f) => this.shadowRoot.querySelectorAll(`[part~=${part}]`).forEach(f);
    each('number', (e) => {
      e.textContent = number;
      e.setAttribute('part', `number${number.length > 3 ? ' long' : ''}`);
    });
    each('unit', (e) => { e.textContent = unit; });
    each('arc', (e) => {
      e.setAttribute('stroke-dasharray', `${Math.min(100, (100 * ms) / this.idle)} 100`);
      // An empty round stroke is a dot.
      e.setAttribute('visibility', ms ? 'visible' : 'hidden');
    });
  }

  warn(ms) {
    if (ms > this.low() || ms === 0) {
      // If a moment is left after all, the warning stays away.
      this.dismissed = !ms;
      if (ms) this.checked = false;
      return this.shut();
    }
    if (!this.checked) {
      // Perhaps another tab without scripts has extended the session.
      this.checked = true;
      this.ask();
    } else if (!this.dialog.hasAttribute('open') && !this.dismissed) {
      this.open();
    }
    if (this.dialog.hasAttribute('open')) this.say(Math.ceil(ms / 1000));
  }

  // open shows the warning: over the page, or as a bar that takes no focus while a field of
  // text has it. A page that shows its own prevents the default.
  open() {
    const { dialog } = this;
    const final = this.final();
    this.said = 0;
    this.parts.failed.hidden = true;
    for (const [part, name, last] of [['title', 'title', 'final'], ['text', 'text', 'limit'], ['button', 'stay', 'close']]) this.put(part, final ? last : name);
    this.dismissed = !this.fire('warning');
    if (this.dismissed) return;
    const bar = !dialog.showModal || isText(focused());
    dialog.hidden = false;
    dialog.setAttribute('part', bar ? 'dialog bar' : 'dialog');
    this.parts.small.setAttribute('part', bar ? 'clock mini' : 'clock small');
    dialog.setAttribute('open', '');
    // In an element that is not shown a modal dialog would block the page.
    if (bar || !dialog.getClientRects().length) return;
    dialog.removeAttribute('open');
    dialog.showModal();
    this.parts.button.focus();
  }

  // say reads the time out at the opening and at five seconds, and then leaves the visitor in
  // peace.
  say(n) {
    if (this.said && (this.said <= 5 || n > 5)) return;
    this.parts.saying.textContent = `${this.said ? '' : this.text(this.final() ? 'final' : 'title')} ${this.words(n * 1000).join(' ')}`;
    this.said = n;
  }

  shut() {
    if (!this.dialog.hasAttribute('open')) return;
    // The browser gives the focus back.
    this.dialog.close?.();
    this.dialog.removeAttribute('open');
    // A browser without dialogs would show it.
    this.dialog.hidden = true;
  }

  // build makes the shadow tree. Browsers without adoptedStyleSheets (Safari before 16.4,
  // Firefox before 101) show it in their own style, because a strict policy forbids a style
  // element.
  build() {
    const shadow = this.attachShadow({ mode: 'open' });
    shadow.innerHTML = `<span part="clock" id="clock" role="timer">${ring}</span>
<p part="notice" id="notice" role="status" hidden><slot name="x"></slot> <a part="go"></a></p>
<dialog part="dialog" role="alertdialog" hidden aria-labelledby="title" aria-describedby="text">
<div part="clock small" id="small" aria-hidden="true">${ring}</div>
<h2 part="title" id="title"><slot name="x"></slot></h2>
<p part="text" id="text"><slot name="x"></slot></p>
<p part="say" id="saying" role="alert"></p>
<p part="failed" id="failed" role="alert" hidden><slot name="x"></slot></p>
<p part="row"><button part="button main" id="button" type="button"><slot name="x"></slot></button> <slot name="more"></slot></p>
</dialog>`;
    shadow.querySelectorAll('[id]').forEach((e) => { this.parts[e.id] = e; });
    this.dialog = shadow.querySelector('dialog');
    try {
      this.plurals = new Intl.PluralRules(this.closest('[lang]').lang.replace('_', '-'));
    } catch {
      // No lang, or none that the browser understands.
    }
    if (!('adoptedStyleSheets' in shadow)) return;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    shadow.adoptedStyleSheets = [sheet];
  }

  // put shows a text, or the child that the page has for it.
  put(part, name) {
    const slot = this.parts[part].querySelector('slot');
    slot.name = name;
    if (slot.textContent !== this.text(name)) slot.textContent = this.text(name);
  }
}

if (!customElements.get('session-clock')) customElements.define('session-clock', SessionClock);

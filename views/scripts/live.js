// Keeps the console's open pages up to date by one stream of events from the server. It says
// why the operator's session has ended, and has the dashboard's numbers if a tab shows them.
//
// The tabs of a browser share the stream, because over HTTP/1.1 a browser has six connections to
// a host: the tab that holds a Web Lock keeps it and passes on what comes. When that tab closes or
// is frozen, the browser gives the lock to another. While no stream is open (the server or
// a proxy refuses it, or the browser lacks what this needs), each visible tab asks how its session
// is, and each dashboard has a stream of its own.
//
// A page hears of it by the event "console-stream": {type, data}. The type is state (live, lost,
// or why there is no stream: denied, many, busy, reload), samples (all that are kept, each begins
// with its number and its time), files or servers (parts of the page, as the server wrote them),
// or denied: the operator may not see the numbers any more. One who has lost a permission gets
// the page again, and one who has to set up a second factor is led there, unless they were typing.

const clock = document.querySelector('session-clock:not([ended])');
if (clock) queueMicrotask(() => new Live(clock).begin());

const shows = Boolean(document.querySelector('[data-stream]')); // this page shows the numbers
const keptSamples = 900;
const tries = 10; // until a refused stream is given up
const longest = 300_000; // ms between two of them

class Live {
  news = {}; // the last event of each type but samples
  samples = []; // those that came, each begins with its number
  tried = 0;

  constructor(clock) {
    this.clock = clock;
    this.src = `${clock.src}../stream/`;
    this.name = `console-stream:${clock.src}`;
    this.shares = Boolean(self.EventSource && navigator.locks && self.BroadcastChannel && self.AbortController);
    this.wants = shows; // some tab shows the numbers
  }

  begin() {
    setInterval(() => this.check(), 2000);
    addEventListener('session-status', ({ detail: { session } }) => this.compare(session));
    document.addEventListener('visibilitychange', () => !document.hidden && this.refused && this.connect());
    if (!this.shares) {
      if (shows && self.EventSource) this.connect();
      else if (shows) this.take({ type: 'state', data: 'reload' });
      addEventListener('session-ended', () => this.source?.close());
      return;
    }
    this.channel = new BroadcastChannel(this.name);
    this.channel.onmessage = ({ data }) => (data.ask ? this.answer(data.ask) : this.take(data));
    this.channel.postMessage({ ask: { shows } });
    for (const name of ['pagehide', 'session-ended']) addEventListener(name, () => this.rest());
    addEventListener('pageshow', () => this.lead());
    document.addEventListener('freeze', () => this.rest());
    document.addEventListener('resume', () => this.lead());
    this.lead();
  }

  // check asks how the session is where no stream tells, and connects again after a sleep.
  check() {
    if (this.source && this.open && Date.now() - this.heard > 20_000) this.connect();
    if (!this.open && !document.hidden && this.clock.live()) this.clock.ask();
  }

  // compare leaves when the operator may do less than when the server wrote the page. More changes
  // no page. An earlier version of the server does not say it.
  compare({ may, set_up: setUp }) {
    if (may === undefined) return;
    const now = may.split(' ');
    if (setUp || this.clock.dataset.may.split(' ').some((each) => each && !now.includes(each))) this.leave();
  }

  // ---- Who has the stream.

  async lead() {
    if (this.wish) return;
    this.wish = new AbortController();
    const { signal } = this.wish;
    try {
      await navigator.locks.request(this.name, { signal }, () => new Promise((done) => {
        if (signal.aborted) return done();
        this.release = done;
        this.connect();
      }));
    } catch { /* the lock is not needed any more */ }
  }

  rest() {
    clearTimeout(this.timer);
    this.source?.close();
    this.wish?.abort();
    if (this.release) {
      this.pass({ type: 'state', data: 'lost' });
      this.release();
    }
    this.source = this.wish = this.release = undefined;
  }

  // answer tells a tab that has just opened what this one knows.
  answer(ask) {
    const had = this.wants;
    this.wants ||= ask.shows;
    if (!this.release) return;
    for (const event of Object.values(this.news)) this.channel.postMessage(event);
    if (ask.shows && !had) this.connect();
    else if (ask.shows && this.samples.length) this.channel.postMessage({ type: 'samples', data: this.samples });
  }

  // ---- The stream.

  connect() {
    clearTimeout(this.timer);
    this.refused = false;
    this.source?.close();
    const after = this.samples.at(-1)?.[0] ?? '';
    const source = new EventSource(this.wants ? `${this.src}?samples&after=${after}` : this.src);
    this.source = source;
    this.heard = Date.now();
    const on = (type, take) => source.addEventListener(type, (event) => {
      this.heard = Date.now();
      this.tried = 0;
      if (!this.open) this.pass({ type: 'state', data: 'live' });
      take?.(event);
    });
    on('beat');
    on('message', ({ data }) => this.pass({ type: 'samples', data: JSON.parse(data) }));
    for (const type of ['files', 'servers']) on(type, ({ data }) => this.pass({ type, data: JSON.parse(data) }));
    for (const type of ['denied', 'setup', 'permissions']) on(type, () => this.pass({ type, data: true }));
    on('ended', ({ data }) => this.clock.hear({ ended: JSON.parse(data) }));
    source.onerror = () => {
      if (source !== this.source) return;
      if (this.open !== false) this.pass({ type: 'state', data: 'lost' });
      if (source.readyState === EventSource.CLOSED) this.explain();
    };
  }

  // explain asks why the stream was refused, which the browser does not tell. It tries again
  // later, and later still, where that may help.
  async explain() {
    const { source } = this;
    let status = -1;
    try {
      const answer = await fetch(this.src, { method: 'HEAD', redirect: 'manual', cache: 'no-store' });
      status = answer.status; // 0 for a redirect, to where they sign in or set up a second factor
    } catch { /* the server does not answer */ }
    if (source !== this.source) return;
    if (status === 0 || status === 401) await this.clock.ask();
    if (!this.clock.live()) return;
    const state = { '-1': 'lost', 200: 'lost', 403: 'denied', 429: 'many', 503: 'busy' }[status] ?? 'reload';
    this.tried += 1;
    this.refused = true;
    this.pass({ type: 'state', data: this.tried < tries ? state : 'reload' });
    if (/lost|many|busy/.test(state) && this.tried < tries) this.timer = setTimeout(() => this.connect(), Math.min(longest, 5000 * 2 ** (this.tried - 1)) * (1 + Math.random() / 4));
  }

  // ---- What comes, here and in the other tabs.

  pass(event) {
    this.take(event);
    this.channel?.postMessage(event);
  }

  // leave loads the page again, without what the operator may not see any more. The server leads
  // to the set-up from all pages but those of it.
  leave() {
    if (!this.clock.hasAttribute('data-set-up') && !typing()) afresh();
  }

  // take keeps an event and tells the page. Numbers of samples grow, unless the server started
  // again after its clock was set back; then those that it had before do not count.
  take(event) {
    const { type, data } = event;
    if (type === 'samples') {
      this.wants = true;
      this.samples = [...this.samples.filter(([number]) => number < data[0][0]), ...data].slice(-keptSamples);
    } else if (type === 'permissions') this.leave();
    else if (/denied|setup/.test(type)) {
      this.wants = false; // whose page shows the numbers leaves; the next one asks for them
      this.samples = [];
      if (type === 'setup') this.leave();
    } else this.news[type] = event;
    if (type === 'state') this.open = data === 'live';
    document.dispatchEvent(new CustomEvent('console-stream', { detail: type === 'samples' ? { type, data: this.samples } : event }));
  }
}

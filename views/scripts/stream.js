// Tells the clock at once when the session has ended elsewhere: an operator ended it, or
// another device that has the same cookie.
//
// One tab of a browser keeps a stream of events open for all: the one that holds a Web Lock.
// The others hear of an end from its clock. When that tab closes or is frozen, the browser gives
// the lock to another. While no stream is open (the server or a proxy refuses it, or the browser
// lacks what this needs, as on plain http), each visible tab asks every three seconds.

if (clock) follow(clock);

function follow(clock) {
  const name = `session-stream:${SessionClock.src}`;
  const canShare = navigator.locks && self.BroadcastChannel && self.EventSource && self.AbortController;
  const channel = canShare && new BroadcastChannel(name);
  let open = false; // a stream is open, here or in another tab
  let source; // the stream, if this tab has the lock
  let beat; // when the stream was last known to be alive
  let wish; // aborts the request for the lock
  let release; // gives the lock back
  let timer;

  const tell = (is) => {
    open = is;
    channel.postMessage({ open });
  };

  // connect opens the stream. A browser connects again by itself, unless it was refused. It is
  // open with its first heartbeat, because a proxy may pass on the head and keep the rest.
  function connect() {
    clearTimeout(timer);
    source?.close();
    if (open) tell(false);
    source = new EventSource(`${SessionClock.src}stream/`);
    beat = Date.now();
    const on = (type, f) => source.addEventListener(type, f);
    on('beat', () => {
      beat = Date.now();
      if (!open) tell(true);
    });
    on('ended', ({ data }) => {
      later(3000); // if this browser has a new session already
      clock.hear({ ended: JSON.parse(data).reason });
    });
    on('error', () => {
      tell(false);
      if (source.readyState !== EventSource.CLOSED) return;
      later(60_000 * (1 + Math.random()));
      clock.ask();
    });
  }

  function later(ms) {
    source.close();
    tell(false);
    timer = setTimeout(connect, ms);
  }

  // lead asks for the lock, and keeps the stream while this tab has it. If another tab had it,
  // that one may have left because the session has ended.
  async function lead() {
    if (!canShare || wish) return;
    wish = new AbortController();
    const { signal } = wish;
    const hold = () => new Promise((done) => {
      release = done;
      connect();
    });
    try {
      const taken = await navigator.locks.request(name, { ifAvailable: true }, (lock) => (lock && !signal.aborted ? hold() : true));
      if (taken) await navigator.locks.request(name, { signal }, () => clock.ask().then(() => !signal.aborted && clock.live() && hold()));
    } catch { /* the lock is not needed any more */ }
  }

  function rest() {
    clearTimeout(timer);
    source?.close();
    wish?.abort();
    if (release) {
      tell(false);
      release();
    }
    source = wish = release = undefined;
  }

  if (canShare) {
    channel.onmessage = ({ data }) => {
      if (data.open !== undefined) open = data.open;
      else if (release) channel.postMessage({ open });
    };
    channel.postMessage({}); // asks how it is
    document.addEventListener('freeze', rest);
    document.addEventListener('resume', lead);
    addEventListener('pagehide', rest);
    addEventListener('pageshow', lead);
    addEventListener('session-ended', rest);
    lead();
  }
  setInterval(() => {
    if (release && open && Date.now() - beat > 60_000) connect(); // it slept, or its network is gone
    if (!open && !document.hidden && clock.live()) clock.ask();
  }, 3000);
}

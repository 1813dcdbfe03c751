// The dashboard, live: numbers and charts of the last 15 minutes, from one stream
// of server-sent events. The page has all of it already, still; this moves it.

const board = document.querySelector('[data-stream]');
const status = document.querySelector('[data-status]');
const { stream, gauges, zone } = board.dataset;
const names = gauges.split(' ');
const kept = 900; // seconds

// ---- What came: one array of times, one of numbers for each gauge.

const times = [];
const series = Object.fromEntries(names.map((name) => [name, []]));

function take(samples) {
  for (const [time, ...numbers] of samples) {
    if (time <= times.at(-1)) continue; // it came before
    times.push(time);
    names.forEach((name, i) => series[name].push(numbers[i]));
  }
  const old = times.findIndex((time) => time > times.at(-1) - kept);
  for (const all of [times, ...Object.values(series)]) all.splice(0, old);
}

// ---- Numbers in their units, as the server writes them.

const thousands = (n) => `${Math.round(n)}`.replace(/\B(?=(\d{3})+$)/g, '\u202f');

function decimals(n, below) {
  const tenth = Math.round(n * 10) / 10;
  return tenth < below && !Number.isInteger(tenth) ? tenth.toFixed(1) : thousands(tenth);
}

function inBytes(n) {
  for (const prefix of ['B', 'KiB', 'MiB']) {
    if (n < 1024) return `${decimals(n, 10)} ${prefix}`;
    n /= 1024;
  }
  return `${decimals(n, 100)} GiB`;
}

const units = {
  number: thousands,
  rate: (n) => `${decimals(n, 10)}/s`,
  ms: (n) => `${decimals(n, 100)} ms`,
  bytes: inBytes,
};

// timeOfDay writes a full minute as the console's dates do: "10:05 p.m.", "10 p.m.", "noon".
const parts = new Intl.DateTimeFormat('en-GB', { hour: 'numeric', minute: 'numeric', timeZone: zone });
function timeOfDay(seconds) {
  const [hour, minute] = parts.format(seconds * 1000).split(':').map(Number);
  if (minute === 0 && hour % 12 === 0) return hour === 0 ? 'midnight' : 'noon';
  return `${(hour + 11) % 12 + 1}${minute ? `:${`${minute}`.padStart(2, '0')}` : ''} ${hour < 12 ? 'a.m.' : 'p.m.'}`;
}

// ---- Charts.

const scope = uPlot.sync('dashboard'); // one cursor for all
const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const faint = (colour) => colour.replace('rgb(', 'rgba(').replace(')', ', 0.13)');

// steps are the distances at which an axis has its lines.
const steps = (unit) => (unit === 'bytes'
  ? [1, 4, 16, 64, 256].flatMap((n) => [n, n * 1024, n * 1024 ** 2, n * 1024 ** 3]).sort((a, b) => a - b)
  : Array.from({ length: 10 }, (_, i) => [1, 2, 5].map((n) => n * 10 ** (i - (unit === 'number' ? 0 : 1)))).flat());

class Chart {
  constructor(figure) {
    const unit = figure.dataset.chart;
    this.write = units[unit];
    this.legend = [...figure.querySelectorAll('[data-gauge]')];
    this.box = figure.querySelector('.plot');
    const keys = [...figure.querySelectorAll('.legend i')];
    this.box.replaceChildren();
    const axis = {
      stroke: () => ink('--soft'), font: '12px system-ui, sans-serif',
      grid: { stroke: () => ink('--line'), width: 1 }, ticks: { show: false },
    };
    this.plot = new uPlot({
      ...this.size(),
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: scope.key }, drag: { x: false, y: false }, y: false, points: { size: 7 } },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
      scales: {
        x: { range: () => [times.at(-1) - kept, times.at(-1)] },
        y: { range: (_, low, high) => [0, Math.max(high * 1.08, unit === 'number' ? 4 : 1)] },
      },
      axes: [
        { ...axis, size: 28, values: (_, all) => all.map(timeOfDay), space: 80 },
        { ...axis, size: 62, incrs: steps(unit), space: 34, values: (_, all) => all.map(this.write) },
      ],
      series: [{}, ...keys.map((key, i) => ({
        stroke: () => getComputedStyle(key).backgroundColor,
        fill: keys.length === 1 ? () => faint(getComputedStyle(key).backgroundColor) : undefined,
        width: 1.75, spanGaps: true, points: { show: false }, label: this.legend[i].dataset.gauge,
      }))],
      hooks: { setCursor: [(plot) => point(plot.cursor.idx)] },
    }, this.data(), this.box);
    new ResizeObserver(() => this.plot.setSize(this.size())).observe(this.box);
  }

  size() { return { width: Math.max(this.box.clientWidth, 100), height: 190 }; }

  data() { return [times, ...this.legend.map((e) => series[e.dataset.gauge])]; }
}

// ---- What the page shows: the newest numbers, or those at the cursor.

let charts = [];
let pointed = null; // index of the sample at the cursor

function point(index) {
  if (index === pointed) return;
  pointed = index ?? null;
  for (const chart of charts) label(chart.legend, pointed ?? times.length - 1);
}

function label(elements, index) {
  for (const e of elements) {
    const n = series[e.dataset.gauge][index];
    if (n !== undefined) e.textContent = n === null ? '–' : units[e.dataset.in](n);
  }
}

const tiles = [...board.querySelectorAll('.tiles [data-gauge]')];

function draw() {
  if (charts.length === 0) charts = [...board.querySelectorAll('[data-chart]')].map((figure) => new Chart(figure));
  label(tiles, times.length - 1);
  for (const chart of charts) {
    chart.plot.setData(chart.data());
    if (pointed === null) label(chart.legend, times.length - 1);
  }
}

let drawing = 0; // nothing is drawn in a hidden tab
function drawSoon() {
  cancelAnimationFrame(drawing);
  drawing = requestAnimationFrame(draw);
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => charts.length && drawSoon());

// ---- The stream. A browser comes back by itself when it breaks off, and asks
// for what it missed; after a refusal it does not, so that is done here.

function say(state) {
  status.hidden = false;
  status.classList.toggle('live', state === 'live');
  status.classList.toggle('warn', state !== 'live');
  if (status.textContent !== status.dataset[state]) status.textContent = status.dataset[state];
}

// banner says which session files cannot be written, whether the accounts are
// unavailable, and whether a proxy's headers are ignored. It is a live region, so it
// changes only when its content does.
const banner = document.querySelector('[data-files]');

function listen() {
  const source = new EventSource(stream);
  source.addEventListener('files', (event) => {
    const html = JSON.parse(event.data);
    if (banner.innerHTML.trim() !== html) banner.innerHTML = html;
  });
  source.onmessage = (event) => {
    take(JSON.parse(event.data));
    say('live');
    drawSoon();
  };
  source.onerror = () => {
    say('lost');
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
  };
}

listen();

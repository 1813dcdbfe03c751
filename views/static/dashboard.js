// The dashboard, live: numbers and charts of the last 15 minutes, from the stream of events that
// live.js keeps for all tabs; or charts of the last 24 hours, for which this asks the server.
// Without this script the page shows the same, as it was when it was loaded.

const board = document.querySelector('[data-stream]');
const status = document.querySelector('[data-status]');
const { gauges, zone, day } = board.dataset; // day has the samples of 24 hours; only if they are shown
const names = gauges.split(' ');
const kept = +board.dataset.span; // seconds
const idle = +board.dataset.idle; // seconds without a value, or without a sample, that make a gap

// ---- What came: one array of times, one of numbers for each gauge.

const times = [];
const series = Object.fromEntries(names.map((name) => [name, []]));

// take takes all samples, in the order of their numbers. A chart needs times that grow; what was
// sampled before the server's clock was set back moves back as far as the clock did.
function take(samples) {
  const all = samples.map(([, time]) => time);
  let moved = 0;
  for (let i = all.length - 2; i >= 0; i--) {
    moved = Math.min(moved, all[i + 1] - all[i] - (all[i] + moved >= all[i + 1] ? 1 : 0));
    all[i] += moved;
  }
  times.length = 0;
  for (const name of names) series[name] = [];
  samples.forEach(([, , ...numbers], i) => {
    if (all[i] <= all.at(-1) - kept) return;
    if (all[i] - times.at(-1) > idle) put(times.at(-1) + 1, names.map(() => null)); // a gap
    put(all[i], numbers);
  });
}

function put(time, numbers) {
  times.push(time);
  names.forEach((name, i) => series[name].push(numbers[i]));
}

// lined returns numbers as uPlot draws them: through undefined, and not through null. A line goes
// on through a few seconds without a value, as without a commit, and not through idle time.
function lined(numbers) {
  const all = [...numbers];
  for (let i = 0; i < all.length; i++) {
    let end = i;
    while (end < all.length && all[end] === null) end++;
    if (i > 0 && end < all.length && times[end] - times[i - 1] <= idle) all.fill(undefined, i, end);
    i = end;
  }
  return all;
}

// alone returns the indexes of values that have no line to either side.
function alone(plot, index) {
  const values = plot.data[index];
  const near = (i, step) => {
    do i += step; while (values[i] === undefined && i >= 0 && i < values.length);
    return values[i] ?? null;
  };
  return [...values.keys()].filter((i) => values[i] != null && near(i, -1) === null && near(i, 1) === null);
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

// moment writes an instant to the second: "10:05:09 p.m.".
const fine = new Intl.DateTimeFormat('en-GB', { hour: 'numeric', minute: '2-digit', second: '2-digit', timeZone: zone });
function moment(seconds) {
  const [hour, ...rest] = fine.format(seconds * 1000).split(':');
  return [(+hour + 11) % 12 + 1, ...rest].join(':') + (hour < 12 ? ' a.m.' : ' p.m.');
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
    this.at = figure.querySelector('[data-at]');
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
        width: 1.75, points: { show: false, filter: alone, size: 4 }, label: this.legend[i].dataset.gauge,
      }))],
      hooks: { setCursor: [(plot) => point(plot.cursor.idx)] },
    }, this.data(), this.box);
    new ResizeObserver(() => this.plot.setSize(this.size())).observe(this.box);
  }

  size() { return { width: Math.max(this.box.clientWidth, 100), height: 190 }; }

  data() { return [times, ...this.legend.map((e) => lined(series[e.dataset.gauge]))]; }
}

// ---- What the page shows: the newest numbers, or those at the cursor.

let charts = [];
let pointed = null; // index of the sample at the cursor

function point(index) {
  if (index === pointed) return;
  pointed = index ?? null;
  for (const chart of charts) describe(chart);
}

// describe writes the values of a chart, and the time at the pointer.
function describe(chart) {
  label(chart.legend, pointed ?? times.length - 1);
  chart.at.textContent = pointed === null ? '' : (day ? timeOfDay : moment)(times[pointed]);
}

const label = (elements, index) => write(elements, (name) => series[name][index]);

function write(elements, value) {
  for (const e of elements) {
    const n = value(e.dataset.gauge);
    if (n !== undefined) e.textContent = n === null ? '–' : units[e.dataset.in](n);
  }
}

let newest = []; // the numbers of the newest second
const tiles = [...board.querySelectorAll('.tiles [data-gauge]')];

function draw() {
  write(tiles, (name) => newest[names.indexOf(name)]);
  if (times.length === 0) return;
  if (charts.length === 0) charts = [...board.querySelectorAll('[data-chart]')].map((figure) => new Chart(figure));
  for (const chart of charts) {
    chart.plot.setData(chart.data());
    if (pointed === null) describe(chart);
  }
}

let drawing = 0; // nothing is drawn in a hidden tab
function drawSoon() {
  cancelAnimationFrame(drawing);
  drawing = requestAnimationFrame(draw);
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => charts.length && drawSoon());

// ---- The stream, and why there is none.

function say(state) {
  status.hidden = false;
  status.classList.toggle('live', state === 'live');
  status.classList.toggle('warn', state !== 'live');
  if (status.textContent !== status.dataset[state]) status.textContent = status.dataset[state];
}

// files says which session files cannot be written, whether the accounts are
// unavailable, and whether a proxy's headers are ignored. It is a live region, so it
// changes only when its content does.
const files = document.querySelector('[data-files]');

// servers are those that share the sessions in Redis; null with sessions in a file.
const servers = document.querySelector('[data-servers]');

// show puts a part of the page in its place, as the server's template has escaped it.
function show(banner, html) {
  if (banner.innerHTML.trim() !== html) banner.innerHTML = html;
}

const hear = {
  state: say,
  denied() {
    say('denied');
    location.replace(location.pathname + location.search); // without the numbers
  },
  files: (html) => show(files, html),
  servers: (html) => show(servers, html),
  samples(all) {
    newest = all.at(-1)?.slice(2) ?? [];
    if (!day) take(all);
    drawSoon();
  },
};

// ---- The last 24 hours.

let days = []; // samples

// askDay asks for the samples that are missing. What goes wrong is told by the stream.
async function askDay() {
  try {
    const answer = await fetch(`${day}?after=${days.at(-1)?.[0] ?? ''}`, { redirect: 'manual', cache: 'no-store' });
    if (!answer.ok) return;
    const more = await answer.json();
    if (more.length) take(days = [...days.filter(([number]) => number < more[0][0]), ...more].slice(-720));
    drawSoon();
  } catch { /* later */ }
}

if (day) {
  askDay();
  setInterval(() => document.hidden || askDay(), 30_000);
  document.addEventListener('visibilitychange', () => document.hidden || askDay());
}

document.addEventListener('console-stream', ({ detail: { type, data } }) => hear[type]?.(data));

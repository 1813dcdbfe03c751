// Express with express-session on its memory store, for the bench. It serves the
// page of all peers, from page.json in the working directory. Start it as
// `node server.js PORT`; it ends with its standard input.
'use strict';
const fs = require('fs');
const express = require('express');
const session = require('express-session');

const age = 20 * 1000;
const page = JSON.parse(fs.readFileSync('page.json'));

function render(split, name) {
  const ends = new Date(Date.now() + age).toISOString();
  const changed = {
    Name: name,
    AbsoluteMS: String(43200000 - Math.floor(performance.now() * 1000) % 1000000),
    Ends: ends, EndsISO: ends,
  };
  let html = '';
  split.fields.forEach((field, i) => { html += split.parts[i] + (changed[field] ?? page.get.values[field]); });
  return html + split.parts[split.fields.length];
}

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.use(session({
  name: 'sessionid', secret: require('crypto').randomBytes(32).toString('hex'),
  resave: false, saveUninitialized: false,
  rolling: true, // each answer extends the session and sends the cookie again
  cookie: { maxAge: age, sameSite: 'lax' },
}));
app.get('/set/', (req, res) => {
  req.session.name = 'Sonam';
  res.send(render(page.set, 'Sonam'));
});
app.get('/get/', (req, res) => {
  if (!req.session.name) return res.send('Your session has Expired...');
  res.send(render(page.get, req.session.name));
});
app.listen(Number(process.argv[2]), '127.0.0.1');
process.stdin.resume().on('end', () => process.exit(0));

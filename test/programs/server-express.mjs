import express from 'express';
import { once } from 'node:events';
import { threaded } from 'offloop';

//#region jobs
const fib = threaded(function fib(n) {
  return n < 2 ? n : slow(n - 1) + slow(n - 2);
});

function slow(n) {
  return n < 2 ? n : slow(n - 1) + slow(n - 2);
}
//#endregion

const app = express();
const requests = [];

app.use(express.json());
app.use((req, _res, next) => {
  requests.push(`${req.method} ${req.path}`);
  next();
});
app.get('/fib/:n', async (req, res) => {
  res.json({ n: Number(req.params.n), value: await fib(Number(req.params.n)) });
});
app.post('/sum', async (req, res) => {
  const values = await Promise.all(req.body.map((n) => fib(n)));
  res.json(values.reduce((a, b) => a + b, 0));
});
app.use((err, _req, res, _next) => {
  res.status(500).json({ error: err.code ?? err.message });
});

const server = app.listen(0);
await once(server, 'listening');
const base = `http://localhost:${server.address().port}`;
console.log(await (await fetch(`${base}/fib/15`)).json());
const sum = await fetch(`${base}/sum`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify([5, 6, 7]),
});
console.log(await sum.text(), requests);
server.closeAllConnections();
server.close();

//! works
//> { n: 15, value: 610 }
//> 26 [ 'GET /fib/15', 'POST /sum' ]
//* listen

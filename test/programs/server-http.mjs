import { createHash } from 'node:crypto';
import http from 'node:http';
import { threaded } from 'offloop';

//#region jobs
const ROUNDS = 50;

const digest = threaded(function digest(text) {
  let out = text;
  for (let i = 0; i < ROUNDS; i += 1) out = createHash('sha256').update(out).digest('hex');
  return out.slice(0, 12);
});
//#endregion

const server = http.createServer(async (req, res) => {
  const url = new URL(req.url, 'http://localhost');
  if (url.pathname !== '/digest') {
    res.writeHead(404).end('not found');
    return;
  }
  try {
    res.end(await digest(url.searchParams.get('q') ?? ''));
  } catch (error) {
    res.writeHead(500).end(`${error.code}: ${error.message}`);
  }
});

server.listen(0, '127.0.0.1', async () => {
  console.log('listening');
  const base = `http://127.0.0.1:${server.address().port}`;
  for (const path of ['/digest?q=a', '/digest?q=b', '/nope']) {
    const res = await fetch(base + path);
    console.log(res.status, await res.text());
  }
  server.closeAllConnections();
  server.close(() => console.log('closed'));
});

//! works
//> listening
//> 200 a4f1e4fd2daf
//> 200 795f22e14fe3
//> 404 not found
//> closed
//* listen

import http from 'node:http';
import { threaded, ThreadPool } from 'offloop';

//#region jobs
const pool = new ThreadPool({ size: 1, name: 'requests' });
const work = threaded({ pool })((n) => n + 1);
//#endregion

const server = http.createServer(async (req, res) => {
  res.setHeader('connection', 'close');
  res.end(String(await work(Number(req.url.slice(1)))));
});

async function shutdown(signal) {
  console.log('signal', signal);
  server.close();
  await pool.close();
  console.log('pool closed');
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, shutdown);

server.listen(process.env.PORT ?? 0, async () => {
  console.log(await (await fetch(`http://localhost:${server.address().port}/41`)).text());
  process.kill(process.pid, 'SIGINT');
});

//! works
//> 42
//> signal SIGINT
//> pool closed
//* listen

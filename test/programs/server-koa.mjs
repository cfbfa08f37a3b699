import Koa from 'koa';
import { threaded } from 'offloop';

//#region jobs
const table = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

const crc = threaded(function crc(text) {
  let c = 0xffffffff;
  for (const byte of Buffer.from(text)) c = table[(c ^ byte) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
});
//#endregion

const app = new Koa();

app.use(async (ctx, next) => {
  ctx.set('x-by', 'koa');
  try {
    await next();
  } catch (error) {
    ctx.status = 500;
    ctx.body = error.code;
  }
});
app.use(async (ctx) => {
  ctx.body = String(await crc(ctx.query.q));
});

const server = app.listen(0, async () => {
  const res = await fetch(`http://localhost:${server.address().port}/?q=hello`);
  console.log(res.headers.get('x-by'), res.status, await res.text());
  server.closeAllConnections();
  server.close();
});

//! works
//> koa 200 907060870
//* listen

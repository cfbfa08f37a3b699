import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { threaded } from 'offloop';

//#region jobs
const seen = [];
const app = new Hono()
  .use('*', async (c, next) => {
    seen.push(c.req.path);
    await next();
    c.header('x-seen', String(seen.length));
  })
  .get('/square/:n', async (c) => c.json(await square(Number(c.req.param('n')))));

const square = threaded((n) => n * n);
//#endregion

const res = await app.request('/square/7');
console.log(res.status, res.headers.get('x-seen'), await res.text());

const server = serve({ fetch: app.fetch, port: 0 }, async ({ port }) => {
  console.log('port', port > 0);
  console.log(await (await fetch(`http://localhost:${port}/square/8`)).text());
  server.closeAllConnections();
  server.close();
});

//! works
//> 200 1 49
//> port true
//> 64
//* listen

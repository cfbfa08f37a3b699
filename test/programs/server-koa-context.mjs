import Koa from 'koa';
import { once } from 'node:events';
import { threaded } from 'offloop';

//#region jobs
const app = new Koa();
app.context.hash = threaded((text) => [...text].reduce((h, c) => (h * 33 + c.charCodeAt(0)) >>> 0, 5381));
//#endregion

app.use(async (ctx) => {
  ctx.body = { hash: await ctx.hash(ctx.path) };
});
app.on('error', (error) => console.log(error.code));

const server = app.listen(0);
await once(server, 'listening');
console.log(await (await fetch(`http://localhost:${server.address().port}/abc`)).text());
server.closeAllConnections();
server.close();

//! works
//> {"hash":2088271610}
//* listen

import http from 'node:http';
import { threaded } from 'offloop';

//#region jobs
class Router {
  routes = new Map();
  get(path, handler) {
    this.routes.set(`GET ${path}`, handler);
    return this;
  }
  post(path, handler) {
    this.routes.set(`POST ${path}`, handler);
    return this;
  }
  async handle(req, res) {
    const handler = this.routes.get(`${req.method} ${req.url}`);
    if (!handler) return void res.writeHead(404).end();
    try {
      res.end(JSON.stringify(await handler(await body(req))));
    } catch (error) {
      res.writeHead(500).end(error.code);
    }
  }
}

async function body(req) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const router = new Router();
router
  .get('/', () => ({ ok: true }))
  .get('/limit', threaded(() => 10))
  .post('/count', threaded((text) => text.length));
//#endregion

const server = http.createServer((req, res) => router.handle(req, res));
server.listen(0, async () => {
  const url = `http://localhost:${server.address().port}`;
  console.log(await (await fetch(url)).text());
  console.log(await (await fetch(`${url}/limit`)).text());
  console.log(await (await fetch(`${url}/count`, { method: 'POST', body: 'hello' })).text());
  console.log((await fetch(`${url}/none`)).status);
  server.closeAllConnections();
  server.close();
});

//! works
//> {"ok":true}
//> 10
//> 5
//> 404
//* listen

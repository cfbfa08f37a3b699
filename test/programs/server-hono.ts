import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { threaded } from 'offloop';

//#region jobs
interface Point {
  x: number;
  y: number;
}

const hull = threaded(function hull(points: Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  const half = (list: Point[]): Point[] => {
    const out: Point[] = [];
    for (const p of list) {
      while (out.length >= 2 && cross(out[out.length - 2]!, out[out.length - 1]!, p) <= 0) out.pop();
      out.push(p);
    }
    out.pop();
    return out;
  };
  return [...half(sorted), ...half(sorted.reverse())];
});

function cross(o: Point, a: Point, b: Point): number {
  return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
}
//#endregion

const app = new Hono();
app.get('/', (c) => c.text('hull service'));
app.post('/hull', async (c) => c.json(await hull(await c.req.json<Point[]>())));
app.onError((error, c) => c.text(`failed: ${(error as { code?: string }).code}`, 500));

const server = serve({ fetch: app.fetch, port: 0 }, async (info) => {
  const base = `http://localhost:${info.port}`;
  console.log(await (await fetch(base)).text());
  const points = [
    [0, 0],
    [2, 0],
    [1, 1],
    [2, 2],
    [0, 2],
  ].map(([x, y]) => ({ x, y }));
  const res = await fetch(`${base}/hull`, { method: 'POST', body: JSON.stringify(points) });
  console.log(res.status, JSON.stringify(await res.json()));
  (server as import('node:http').Server).closeAllConnections();
  server.close();
});

//! works
//> hull service
//> 200 [{"x":0,"y":0},{"x":2,"y":0},{"x":2,"y":2},{"x":0,"y":2}]
//* listen

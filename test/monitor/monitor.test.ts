/** The handler of a monitor: what it answers to whom. @module */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ThreadPool } from 'offloop';
import { monitor } from 'offloop/monitor';
import type { Monitor, Sample } from 'offloop/monitor';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { add, block } from '../fixtures/jobs/basics.mjs';
import { fails } from '../fixtures/jobs/failing.mjs';
import { gate, open, reaches } from '../support/gate.ts';

const token = 'a-token-of-some-length';
const here = '127.0.0.1';

let pool: ThreadPool;
beforeAll(async () => {
  pool = new ThreadPool({ name: 'watched', size: 1 });
  await add.with({ pool })(1);
  await expect(fails.with({ pool })('exported')).rejects.toThrow('told');
});
afterAll(async () => pool.close());

const get = (path: string, headers: Record<string, string> = {}): Request =>
  new Request(`http://localhost:4000${path}`, { headers: { host: 'localhost:4000', ...headers } });

/** The samples of a stream of lines, until `isLast` holds of one. */
async function samplesOf(response: Response, isLast: (sample: Sample) => boolean): Promise<Sample[]> {
  const samples: Sample[] = [];
  let rest = '';
  for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
    const lines = (rest + Buffer.from(bytes).toString()).split('\n');
    rest = lines.pop() ?? '';
    // Empty lines are signs of life.
    for (const line of lines.filter((text) => text !== '')) {
      const sample = JSON.parse(line) as Sample;
      samples.push(sample);
      if (isLast(sample)) return samples;
    }
  }
  throw new Error(`The stream ended after ${samples.length} samples`);
}

describe('the answers', () => {
  test('are the page, whose scripts no other page can add to', async () => {
    const response = monitor(pool)(get('/watch'), here);
    const policy = response.headers.get('content-security-policy') ?? '';
    const text = await response.text();

    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const [, nonce = ''] = /script-src 'nonce-([^']+)'/.exec(policy) ?? [];
    expect(nonce).toMatch(/^[\w+/]{22}==$/);
    expect(text.match(/<script nonce="[^"]+"/g)).toEqual(Array(2).fill(`<script nonce="${nonce}"`));
    expect(text).not.toMatch(/(?:src|href)="(?!data:)/);
    expect(text).toContain('uPlot');
  });

  test('are the figures, as the text that Prometheus reads', async () => {
    const response = monitor(pool)(get('/watch/metrics'), here);

    expect(response.headers.get('content-type')).toContain('version=0.0.4');
    const text = await response.text();
    expect(text).toContain('offloop_calls_total{pool="watched",outcome="returned"} 1\n');
    expect(text).toContain('# TYPE offloop_call_run_seconds summary\n');
  });

  test('are the health, which is bad once a pool is closed', async () => {
    const closed = new ThreadPool({ name: 'closed' });
    const handler = monitor(new Set([pool, closed]));
    const well = handler(get('/health'), here);
    await closed.close();
    const ill = handler(get('/health'), here);

    expect([well.status, ill.status]).toEqual([200, 503]);
    expect(await well.json()).toMatchObject({ status: 'ok', pools: [{ name: 'watched' }, { name: 'closed' }] });
    expect(await ill.json()).toMatchObject({ status: 'closed', pools: [{ closed: false }, { closed: true }] });
  });

  test('are samples that say what stats() says, and what was new since the one before', async () => {
    const it = gate();
    const handler = monitor(pool, { interval: 10 });
    const response = handler(get('/events', { accept: 'application/x-ndjson' }), here);
    const running = block.with({ pool })(it, 'done');
    await reaches(it, 1, 1);
    const waiting = add.with({ pool })(2);
    const seen = samplesOf(response, ({ pools: [first] }) => first?.completed === 3 && first.returns > 0);
    open(it);
    await Promise.all([running, waiting]);
    const samples = await seen;
    const last = samples.at(-1)?.pools[0];
    const { completed, failed, threads } = pool.stats();

    expect(samples[0]?.pools[0]).toMatchObject({
      name: 'watched',
      size: 1,
      returns: 0,
      wait: { p50: 0 },
      run: { p99: 0 },
    });
    expect(last).toMatchObject({ completed, failed, threads, busy: 0, queued: 0, failures: 0 });
    expect(last?.run.p99).toBeGreaterThan(0);
    expect(last?.perThread).toHaveLength(1);
  });

  test('are server-sent events to who accepts these, until the monitor is closed', async () => {
    const handler = monitor(pool, { interval: 10 });
    const response = handler(get('/events', { accept: 'text/event-stream' }), here);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    handler.close();
    handler.close();
    const text = await response.text();

    expect(text).toMatch(/^(?::.*\n\n|data: \{"at":.*\}\n\n)*$/);
  });

  test('measure the loop only while somebody looks', async () => {
    const before = process.getActiveResourcesInfo().length;
    const response = monitor(pool, { interval: 5 })(get('/events', { accept: 'application/x-ndjson' }), here);
    await samplesOf(response, () => true);
    await response.body?.cancel().catch(() => undefined);

    await vi.waitFor(() => expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before));
  });

  test('to other methods than GET and HEAD are a refusal', async () => {
    const handler = monitor(pool);
    const post = handler(new Request('http://localhost/metrics', { method: 'POST' }), here);
    const head = handler(new Request('http://localhost/metrics', { method: 'HEAD' }), here);

    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  test('end at once where only the headers of the events are asked for', async () => {
    const headers = { host: 'localhost' };
    const head = monitor(pool)(new Request('http://localhost/events', { method: 'HEAD', headers }), here);
    await using listening = await monitor(pool).listen();
    const accept = { accept: 'application/x-ndjson' };
    const lines = await fetch(`${listening.url}events`, { method: 'HEAD', headers: accept });

    expect([await head.text(), head.headers.get('content-type')]).toEqual(['', 'text/event-stream']);
    expect([await lines.text(), lines.headers.get('content-type')]).toEqual(['', 'application/x-ndjson']);
  });
});

describe('without a token', () => {
  test.each([
    ['a loopback address', '127.0.0.1'],
    ['one of IPv6', '::1'],
    ['one of IPv4 in IPv6', '::ffff:127.0.0.1'],
    ['a socket of Node.js', { remoteAddress: '127.0.0.1' }],
    ['the info of Deno', { remoteAddr: { hostname: '127.0.0.1' } }],
    ['the address that Bun gives', { address: '127.0.0.1' }],
  ])('a request with %s is answered', (_, peer) => {
    expect(monitor(pool)(get('/health'), peer).status).toBe(200);
  });

  test.each([
    ['from nobody knows where', undefined, {}],
    ['from another machine', '192.0.2.7', {}],
    ['from another machine that says it is this one', '192.0.2.7', { 'x-forwarded-for': '127.0.0.1' }],
    ['that a proxy here has passed on', here, { 'x-forwarded-for': '192.0.2.7' }],
    ['that a proxy here has passed on by the standard', here, { forwarded: 'for=192.0.2.7' }],
    ['for a name that was made to mean this machine', here, { host: 'rebound.example:4000' }],
  ])('a request %s is refused', async (_, peer, headers: Record<string, string>) => {
    const response = monitor(pool)(get('/health', headers), peer);

    expect(response.status).toBe(403);
    expect(await response.text()).toContain('Give monitor() a token');
  });
});

describe('with a token', () => {
  const handler = (): Monitor => monitor(pool, { token });

  test.each([
    ['in the query', `/health?token=${token}`, {}],
    ['in a header', '/health', { authorization: `Bearer ${token}` }],
  ])('a request that has it %s is answered, from wherever it comes', (_, path, headers: Record<string, string>) => {
    expect(handler()(get(path, headers), '192.0.2.7').status).toBe(200);
  });

  test.each([
    ['/health'],
    ['/health?token=wrong'],
    ['/events?token='],
    ['/?token=A-token-of-some-length'],
    ['/metrics'],
  ])('a request for %s is refused, from this machine too', (path) => {
    const response = handler()(get(path), here);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });
});

describe('pages of other sites', () => {
  test.each([
    ['the origin of another site', { origin: 'https://evil.example' }],
    ['the origin of another port', { origin: 'http://localhost:9999' }],
    ['no origin that can be read', { origin: 'null' }],
    ['what a browser says of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['what a browser says of a neighbour', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }],
  ])('are refused by %s, also with the token', (_, headers: Record<string, string>) => {
    const refused = monitor(pool, { token })(get(`/events?token=${token}`, headers), here);
    expect(refused.status).toBe(403);
  });

  test('may link to the page', () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect(monitor(pool)(get('/', headers), here).status).toBe(200);
  });

  test('are not those of the page itself', () => {
    const headers = { origin: 'http://localhost:4000', 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' };
    expect(monitor(pool)(get('/events', headers), here).status).toBe(200);
  });
});

describe('a server', () => {
  test('of its own serves this machine, and can be closed while somebody looks', async () => {
    const listening = await monitor(pool, { interval: 5 }).listen();
    const health = await fetch(`${listening.url}health`);
    const events = await fetch(`${listening.url}events`, { headers: { accept: 'application/x-ndjson' } });
    await samplesOf(events, () => true);
    await listening.close();

    expect(health.status).toBe(200);
    await expect(fetch(`${listening.url}health`)).rejects.toThrow('fetch failed');
  });

  test('of node:http may have it under a path', async () => {
    const handler = monitor(pool, { interval: 5 });
    const server = createServer((request, response) => {
      if (request.url?.startsWith('/watch')) handler.node(request, response);
      else response.end('the program');
    }).listen(0, here);
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const [page, health, head, events] = await Promise.all([
      fetch(`${base}/watch`),
      fetch(`${base}/watch/health?x=1`),
      fetch(`${base}/watch/metrics`, { method: 'HEAD' }),
      fetch(`${base}/watch/events`),
    ]);

    expect(await page.text()).toContain('<title>offloop</title>');
    expect(await health.json()).toMatchObject({ status: 'ok' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(events.headers.get('content-type')).toBe('text/event-stream');
    await events.body?.cancel();
    server.closeAllConnections();
  });

  test('that other machines reach needs a token', async () => {
    await expect(monitor(pool).listen({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'ERR_OFFLOOP_ARGUMENT' });
    await using listening = await monitor(pool, { token }).listen({ host: '0.0.0.0' });
    const port = new URL(listening.url).port;

    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(401);
    expect((await fetch(`http://127.0.0.1:${port}/health?token=${token}`)).status).toBe(200);
  });
});

test.each([
  ['no pool', () => monitor({} as never)],
  ['an iterable of something else', () => monitor([1] as never)],
  ['a short token', () => monitor([], { token: 'short' })],
  ['an interval of none', () => monitor([], { interval: 0 })],
  ['an unknown option', () => monitor([], { port: 1 } as never)],
])('refuses %s', (_, make) => {
  expect(make).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
});

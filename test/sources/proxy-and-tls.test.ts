/** Sources behind proxies, over TLS and over HTTP/2, as `fetch` has them. @module */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as forward } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { eventStream, httpEvents, serviceAccount, SourceError, websocketEvents } from 'offloop/sources';
import { Agent, fetch as fetchOfUndici, getGlobalDispatcher, ProxyAgent, setGlobalDispatcher } from 'undici';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { proxiedEvents } from '../fixtures/sources/live.mjs';
import { eventServer, lines, thenEnd } from '../support/event-server.ts';
import { untilThrown } from '../support/items.ts';
import { fixture, run } from '../support/run.ts';
import { take } from '../support/take.ts';

const soon = { delay: 1, maxDelay: 5 };
const event = (data: unknown): object => ({ type: 'event', data });
const coded = (code: string, more: object = {}): object => expect.objectContaining({ code, ...more }) as object;
const pem = (name: string): string => readFileSync(fixture(`tls/${name}.pem`), 'utf8');
const [cert, key] = [pem('cert'), pem('key')];

/** The `fetch` of Node.js, and that of the package. */
const fetches = [
  ['the global fetch', undefined],
  ['the fetch of undici', fetchOfUndici as unknown as typeof fetch],
] as const;

async function listen(server: NetServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    (server as Partial<Server>).closeAllConnections?.();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

interface Proxy {
  readonly url: string;

  /** What it was asked for: the requests that it forwards, and the tunnels. */
  readonly asked: string[];

  /** Cuts all that goes through it. */
  cut(): void;
}

/** A proxy that forwards requests and makes tunnels, for those that know `password`. */
async function proxy(password?: string): Promise<Proxy> {
  const asked: string[] = [];
  const sockets = new Set<Duplex>();
  const isKnown = ({ headers }: IncomingMessage): boolean =>
    password === undefined || headers['proxy-authorization'] === `Basic ${btoa(password)}`;
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (!isKnown(request)) return void response.writeHead(407).end();
    const onward = forward(String(request.url), { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
    response.once('close', () => onward.destroy());
  });
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('connect', (request, near: Duplex) => {
    asked.push(`CONNECT ${request.url}`);
    if (!isKnown(request)) return void near.end('HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n');
    const [host, port] = String(request.url).split(':');
    const far = connect(Number(port), host, () => near.write('HTTP/1.1 200 OK\r\n\r\n'));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  const port = await listen(server);
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return { url: `http://127.0.0.1:${port}`, asked, cut };
}

function agent<A extends Agent | ProxyAgent>(it: A): A {
  onTestFinished(async () => it.destroy());
  return it;
}

describe.each(fetches)('httpEvents with %s', (_, fetch) => {
  test.each([true, false])('goes through a proxy, tunnel: %s, and again when that was cut', async (proxyTunnel) => {
    const { url, port, requests } = await eventServer(lines(1), lines(2));
    const way = await proxy('me:pw');
    const dispatcher = agent(new ProxyAgent({ uri: way.url.replace('//', '//me:pw@'), proxyTunnel }));
    const source = httpEvents(url, { fetch, request: { dispatcher }, retry: soon });
    expect((await source.next()).value).toEqual(event(1));
    way.cut();

    expect(await take(source, 2)).toEqual([coded('ERR_OFFLOOP_SOURCE', { type: 'gap' }), event(2)]);
    expect(requests).toHaveLength(2);
    expect(way.asked).toEqual(Array(2).fill(proxyTunnel ? `CONNECT 127.0.0.1:${port}` : `GET ${url}`));
  });

  test.each([true, false])(
    'ends with ERR_OFFLOOP_UNAUTHORIZED where a proxy refuses, tunnel: %s',
    async (proxyTunnel) => {
      const { url, requests } = await eventServer(lines(1));
      const way = await proxy('me:pw');
      const dispatcher = agent(new ProxyAgent({ uri: way.url, proxyTunnel }));
      const { thrown } = await untilThrown(httpEvents(url, { fetch, request: { dispatcher }, retry: soon }));

      expect(thrown).toEqual(coded('ERR_OFFLOOP_UNAUTHORIZED', { status: 407 }));
      expect((thrown as SourceError).message).toContain('the proxy answered 407');
      expect([way.asked.length, requests.length]).toEqual([1, 0]);
    },
  );

  test('refuses a certificate that it does not know, and takes one that the dispatcher knows', async () => {
    const server = createTlsServer({ cert, key }, (_, response) => response.end('1\n'));
    const url = `https://localhost:${await listen(server)}/`;
    const unknown = httpEvents(url, { fetch, retry: { ...soon, attempts: 1 } });
    const dispatcher = agent(new Agent({ connect: { ca: cert } }));

    const { thrown } = await untilThrown(unknown);
    expect(thrown).toEqual(coded('ERR_OFFLOOP_SOURCE'));
    expect((thrown as SourceError).message).toMatch(/self-signed certificate.*it was tried 2 times/);
    expect(await take(httpEvents(url, { fetch, request: { dispatcher }, retry: false }))).toEqual([event(1)]);
  });

  test('goes through a tunnel to a server with a certificate', async () => {
    const server = createTlsServer({ cert, key }, (_, response) => response.write('1\n'));
    const port = await listen(server);
    const way = await proxy();
    const dispatcher = agent(new ProxyAgent({ uri: way.url, requestTls: { ca: cert } }));

    expect(await take(httpEvents(`https://localhost:${port}/`, { fetch, request: { dispatcher } }), 1)).toEqual([
      event(1),
    ]);
    expect(way.asked).toEqual([`CONNECT localhost:${port}`]);
  });

  test('reads over HTTP/2, and connects again when a stream is reset', async () => {
    const versions: string[] = [];
    const server = createSecureServer({ cert, key }, (request, response) => {
      versions.push(request.httpVersion);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`id: ${versions.length}\ndata: ${versions.length}\n\n`, () => {
        if (versions.length === 1) setImmediate(() => response.stream.close(2));
      });
    });
    const url = `https://localhost:${await listen(server)}/`;
    const dispatcher = agent(new Agent({ allowH2: true, connect: { ca: cert } }));
    const items = await take(httpEvents(url, { fetch, request: { dispatcher }, retry: soon }), 2);

    expect(items).toEqual([
      { type: 'event', event: 'message', data: '1', id: '1' },
      { type: 'event', event: 'message', data: '2', id: '2' },
    ]);
    expect(versions).toEqual(['2.0', '2.0']);
  });
});

describe('sources', () => {
  test('go through the global proxy of their thread', async () => {
    const { url } = await eventServer(lines(1));
    const way = await proxy();
    const before = getGlobalDispatcher();
    onTestFinished(() => setGlobalDispatcher(before));
    setGlobalDispatcher(agent(new ProxyAgent({ uri: way.url, proxyTunnel: false })));

    expect(await take(httpEvents(url), 1)).toEqual([event(1)]);
    expect(way.asked).toEqual([`GET ${url}`]);
    // That of a thread is made there.
    const events = proxiedEvents(url, way.url);
    expect((await events.next()).value).toEqual(event(1));
    expect(way.asked).toEqual([`GET ${url}`, `GET ${url}`]);
    await events.close();
  });

  test('trust the certificates that the environment names, here and in threads', async () => {
    const server = createTlsServer({ cert, key }, (_, response) => response.end('"trusted"\n'));
    const url = `https://localhost:${await listen(server)}/`;
    const env = { NODE_EXTRA_CA_CERTS: fixture('tls/cert.pem') };
    const { code, lines: printed, stderr } = await run(fixture('sources/trusting-main.mjs'), { args: [url], env });

    expect({ code, printed, stderr }).toEqual({ code: 0, printed: ['trusted trusted'], stderr: '' });
  });

  test('over WebSockets have the options of TLS and the agent of ws', async () => {
    const { WebSocketServer } = createRequire(import.meta.url)('ws') as {
      WebSocketServer: new (options: object) => { on(event: 'connection', hear: (peer: Peer) => void): void };
    };
    const server = createTlsServer({ cert, key });
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (peer) => peer.send('1'));
    const url = `wss://localhost:${await listen(server)}/`;

    expect(await take(websocketEvents(url, { connection: { ca: cert } }), 1)).toEqual([event('1')]);
    const { thrown } = await untilThrown(websocketEvents(url, { retry: { ...soon, attempts: 1 } }));
    expect(thrown).toEqual(coded('ERR_OFFLOOP_SOURCE'));
    expect((thrown as SourceError).message).toContain('self-signed certificate');
  });

  test('get the tokens of a service account over a proxy too', async () => {
    const tokens = await eventServer((response) => response.end('{"access_token":"t","expires_in":60}'));
    const way = await proxy();
    const dispatcher = agent(new ProxyAgent({ uri: way.url, proxyTunnel: false }));
    const credentials = { keyId: 'k', secret: 's', email: 'e', tokenEndpoint: tokens.url };

    expect(await serviceAccount(credentials, { request: { dispatcher } }).headers()).toEqual({
      authorization: 'Bearer t',
    });
    // That of the environment has the proxy of its stream.
    const folder = mkdtempSync(join(tmpdir(), 'offloop-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'account.json'), JSON.stringify(credentials));
    vi.stubEnv('DT_CREDENTIALS_FILE', join(folder, 'account.json'));
    onTestFinished(() => void vi.unstubAllEnvs());
    const server = await eventServer(lines({ result: { event: { eventType: 'touch' } } }));
    await take(eventStream('p', { baseUrl: server.url, request: { dispatcher } }), 1);

    expect(way.asked.map((it) => it.split(' ')[0])).toEqual(['POST', 'POST', 'GET']);
    expect(() => serviceAccount(credentials, { proxy: 'x' } as never)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test('leave no socket of a proxy behind', async () => {
    const { url, open } = await eventServer(lines(1), thenEnd(lines(2)));
    const way = await proxy();
    const dispatcher = agent(new ProxyAgent({ uri: way.url }));
    await take(httpEvents(url, { request: { dispatcher } }), 1);

    await vi.waitFor(() => expect(open.size).toBe(0));
  });
});

interface Peer {
  send(data: string): void;
}

/** WebSocket sources against a real server. @module */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import { websocketEvents } from 'offloop/sources';
import type { WebSocketEventsOptions } from 'offloop/sources';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { untilThrown } from '../support/items.ts';
import { take } from '../support/take.ts';

interface Peer {
  send(data: string | Uint8Array, done?: () => void): void;
  close(code?: number): void;
  ping(done: (error?: Error) => void): void;
  terminate(): void;
  on(event: 'close', listener: () => void): void;
  readonly readyState: number;
  readonly bufferedAmount: number;
}

interface SocketServer {
  handleUpgrade(request: unknown, socket: Duplex, head: Buffer, done: (peer: Peer) => void): void;
}

const { WebSocketServer } = createRequire(import.meta.url)('ws') as {
  WebSocketServer: new (options: object) => SocketServer;
};

type Answer = ((peer: Peer) => unknown) | number;

/** Answers the first connection by the first of `answers` and so on; a number is a status. */
async function socketServer(
  ...answers: readonly Answer[]
): Promise<{ url: string; seen: (string | undefined)[]; peers: Set<Peer> }> {
  const http = createServer();
  const sockets = new WebSocketServer({ noServer: true });
  const seen: (string | undefined)[] = [];
  const peers = new Set<Peer>();
  http.on('upgrade', (request, socket: Duplex, head: Buffer) => {
    const answer = answers[Math.min(seen.push(request.headers.authorization), answers.length) - 1] ?? 500;
    if (typeof answer === 'number') return void socket.end(`HTTP/1.1 ${answer} No\r\nRetry-After: 0\r\n\r\n`);
    sockets.handleUpgrade(request, socket, head, (peer) => {
      peers.add(peer);
      peer.on('close', () => peers.delete(peer));
      answer(peer);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const peer of peers) peer.terminate();
    http.close();
  });
  return { url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/live`, seen, peers };
}

const soon = { delay: 1, maxDelay: 5 };
const coded = (code: string, more: object = {}): object => expect.objectContaining({ code, ...more }) as object;
const event = (data: unknown): object => ({ type: 'event', data });
const gap = (facts: object = {}): object => expect.objectContaining({ type: 'gap', ...facts }) as object;
const sends =
  (...messages: readonly string[]) =>
  (peer: Peer): void => {
    for (const message of messages) peer.send(message);
  };
const failure = async (url: string, options: WebSocketEventsOptions<unknown> = {}): Promise<unknown> =>
  (await untilThrown(websocketEvents(url, { retry: { ...soon, attempts: 0 }, ...options }))).thrown;

describe('websocketEvents', () => {
  test('gives texts and bytes in order, read by parse, without pings', async () => {
    const bytes = await socketServer((peer) => {
      peer.send('ö');
      peer.send(Uint8Array.of(1, 2));
    });
    const json = await socketServer(sends('{"n":1}', '{"ping":1}', '{"n":2}'));
    const parse = (text: unknown): { ping?: number } => JSON.parse(String(text)) as object;
    const isPing: WebSocketEventsOptions<{ ping?: number }>['isPing'] = ({ data }) => data.ping !== undefined;

    expect(await take(websocketEvents(bytes.url), 2)).toEqual([event('ö'), event(Buffer.of(1, 2))]);
    expect(await take(websocketEvents(json.url, { parse, isPing }), 2)).toEqual([event({ n: 1 }), event({ n: 2 })]);
  });

  test('connects again after a close, a cut, a refusal and garbage, with a notice', async () => {
    const { url, seen } = await socketServer(
      (peer) => peer.send('1', () => peer.close()),
      (peer) => peer.send('2', () => peer.terminate()),
      503,
      sends('3', 'garbage', '4'),
      sends('5'),
    );
    const source = websocketEvents(url, { retry: soon, parse: (text): unknown => JSON.parse(String(text)) });
    const items = await take(source, 7);

    expect(items.map((item) => (item.type === 'event' ? item.data : [item.code, item.attempts]))).toEqual([
      1,
      ['ERR_OFFLOOP_SOURCE', 1],
      2,
      ['ERR_OFFLOOP_SOURCE', 2],
      3,
      ['ERR_OFFLOOP_CODEC', 1],
      5,
    ]);
    expect(seen).toHaveLength(5);
  });

  test('pings a quiet server, and leaves one that does not answer', async () => {
    const quiet = await socketServer((peer) => setTimeout(() => peer.send('late'), 700));
    expect(await take(websocketEvents(quiet.url, { idleTimeout: 300 }), 1)).toEqual([event('late')]);
    expect(quiet.seen).toHaveLength(1);

    // One that reads nothing any more gives no pong.
    const gone = await socketServer((peer) => (peer as unknown as { _socket: Duplex })._socket.pause(), sends('2'));
    expect(await take(websocketEvents(gone.url, { idleTimeout: 300, retry: soon }), 2)).toEqual([
      gap({ code: 'ERR_OFFLOOP_TIMEOUT' }),
      event('2'),
    ]);
  });

  test('does not leave one that was quiet while the consumer was busy', async () => {
    let peer!: Peer;
    const { url, seen } = await socketServer((it) => {
      peer = it;
    });
    const source = websocketEvents(url, { idleTimeout: 200, retry: soon });
    const first = source.next();
    await vi.waitFor(() => expect(peer).toBeDefined());
    // It is waited for.
    await new Promise((resolve) => setTimeout(resolve, 20));
    peer.send('1');
    expect((await first).value).toEqual(event('1'));
    const { _socket: socket } = peer as unknown as { _socket: Duplex };
    // A sign of life, and then none for longer than is allowed to one that is waited for: no pong either.
    await new Promise<void>((resolve) => peer.ping(() => resolve()));
    socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 600));
    socket.resume();
    const second = source.next();
    peer.send('2');

    expect((await second).value).toEqual(event('2'));
    expect(seen).toHaveLength(1);
    await source.close();
  });

  test('ends with ERR_OFFLOOP_UNAUTHORIZED, unless other headers are given', async () => {
    const { url, seen } = await socketServer(401, sends('1'), 401);
    const headers: WebSocketEventsOptions['headers'] = ({ refused }) => ({ authorization: refused ? 'new' : 'old' });

    expect(await take(websocketEvents(url, { headers }), 1)).toEqual([event('1')]);
    expect(seen).toEqual(['old', 'new']);
    expect(await failure(url, { headers: { authorization: 'old' }, retry: soon })).toEqual(
      coded('ERR_OFFLOOP_UNAUTHORIZED', { status: 401 }),
    );
    expect(seen).toHaveLength(3);
  });

  test('gives up with the last failure when no attempt is left', async () => {
    const { url, seen } = await socketServer(500);

    expect(await failure(url, { retry: { ...soon, attempts: 2 } })).toEqual(
      coded('ERR_OFFLOOP_SOURCE', { status: 500 }),
    );
    expect(seen).toHaveLength(3);
    expect(await failure('ws://127.0.0.1:9/')).toEqual(coded('ERR_OFFLOOP_SOURCE'));
  });

  test('with retry: false ends where the server closes in good order', async () => {
    const { url } = await socketServer((peer) => peer.send('1', () => peer.close(1000)));

    expect(await take(websocketEvents(url, { retry: false }))).toEqual([event('1')]);
  });

  test('refuses a message that is longer than maxLength', async () => {
    const { url } = await socketServer(sends('short', 'x'.repeat(101)));
    const { list, thrown } = await untilThrown(websocketEvents(url, { maxLength: 100 }));

    expect([list, thrown]).toEqual([[event('short')], coded('ERR_OFFLOOP_TOO_LONG')]);
  });

  test('holds the server back while its consumer is busy', async () => {
    let sent = 0;
    const message = 'x'.repeat(10_000);
    const { url } = await socketServer((peer) => {
      const more = (): void => {
        if (peer.readyState !== 1) return;
        sent += 1;
        peer.send(message, () => setImmediate(more));
      };
      more();
    });
    const source = websocketEvents(url);
    await source.next();
    let before = -1;
    await vi.waitUntil(() => before === (before = sent), { interval: 100, timeout: 10_000 });

    expect(sent).toBeLessThan(2000);
    expect(await take(source, 1000)).toHaveLength(1000);
  });

  test('closes its socket at once: in each state, and by its signal', async () => {
    const open = await socketServer(() => undefined);
    const dead = await socketServer(500);
    const controller = new AbortController();
    const signalled = websocketEvents(open.url, { signal: controller.signal });
    const aborted = signalled.next();
    const sources = [websocketEvents(open.url), websocketEvents(dead.url, { retry: { delay: 60_000 } })];
    const pending = sources.map(async (source) => source.next());
    await vi.waitFor(() => expect(open.peers.size).toBe(2));
    controller.abort(new Error('enough'));
    for (const source of sources) await source.close();

    await expect(aborted).rejects.toThrow('enough');
    expect(await Promise.all(pending)).toEqual([1, 2].map(() => ({ value: undefined, done: true })));
    await vi.waitFor(() => expect(open.peers.size).toBe(0));
  });

  test('refuses at once what cannot be used', () => {
    expect(() => websocketEvents('http://a')).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    for (const options of [
      { format: 'sse' },
      { headers: { 'a b': '1' } },
      { protocols: ['a b'] },
      { protocols: ['a', 'a'] },
    ])
      expect(() => websocketEvents('ws://a', options as never)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test('refuses options of ws that it cannot use, without another attempt', async () => {
    const { url, seen } = await socketServer(sends('1'));

    expect(await failure(url, { connection: { protocolVersion: 1 }, retry: soon })).toEqual(
      coded('ERR_OFFLOOP_ARGUMENT'),
    );
    expect(seen).toHaveLength(0);
  });

  test('waits no longer for headers than for an answer', async () => {
    const { url } = await socketServer(sends('1'));
    const never = async (): Promise<never> => new Promise(() => undefined);

    expect(await failure(url, { headers: never, idleTimeout: 50 })).toEqual(coded('ERR_OFFLOOP_TIMEOUT'));
  });
});

/** A peer that sends what no link sends, or that is slow, silent or gone. @module */

import { createServer, connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { MessageChannel } from 'node:worker_threads';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { Latch } from '../../../src/base/latch.ts';
import { toBytes } from '../../../src/codec/bytes/bytes.ts';
import { byteStream, entityStream, link, linkPair } from '../../../src/objects/index.ts';
import type { ByteStreamer, EntityStream, Link, LinkEndpoint, LinkOptions, Peer } from '../../../src/objects/index.ts';
import { frameOf, Kind, targetFrame } from '../../../src/objects/links/frames/frame.ts';
import { tries } from '../../support/full.ts';
import { Played } from './played.ts';

const codeOf = async (promise: PromiseLike<unknown> | undefined): Promise<unknown> => {
  try {
    return await promise;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

const service = {
  calls: [] as string[],
  gate: new Latch(),
  add: (a: number, b: number) => a + b,
  wait: () => service.gate.opened,
  make: () => () => 1,
  many: () => entityStream(endless(), { window: 4 }),
  file: () => byteStream(new Uint8Array(10_000_000)),
  flood: () => 'x'.repeat(10_000),
  call: async (fn: (...args: unknown[]) => unknown) => fn(1),
};

function* endless(): Generator<number> {
  for (let i = 0; ; i += 1) yield i;
}

let links: Link<never>[] = [];
afterEach(async () => {
  service.gate.open();
  service.gate = new Latch();
  for (const it of links.splice(0)) await it.close();
  links = [];
});

function played(options: LinkOptions = {}): { other: Played; ours: Link<typeof service> } {
  const other = new Played();
  const ours = link<typeof service>(other, service, { closeTimeout: 20, ...options });
  links.push(ours as unknown as Link<never>);
  return { other, ours };
}

const call = (id: number, name: string, args: unknown[] = [], target = 0): Uint8Array =>
  targetFrame(Kind.call, id, target, name, toBytes(args));

describe('a hostile peer', () => {
  test.each([
    ['a text', 'text'],
    ['nothing', new Uint8Array(0)],
    ['a kind that there is not', frameOf(99 as never, 0)],
    ['a head that is cut off', new Uint8Array([2, 1])],
    ['a name longer than the frame', Buffer.concat([frameOf(2, 1), Buffer.from([0, 0, 0, 0, 255, 255])])],
    ['a hello too many', frameOf(Kind.hello, 0, toBytes({ version: 1, maxMessage: 1, maxCalls: 1 }))],
    ['a frame that is too long', new Uint8Array(5000).fill(2)],
  ])('that sends %s loses the link', async (_, frame) => {
    const { other, ours } = played({ maxMessage: 4096 });
    other.hello();
    // As a WebSocket that is open is asked to.
    other.hello();
    const waiting = ours.peer.add(1, 2);

    other.play(frame as Uint8Array);
    expect(['ERR_OFFLOOP_BYTES', 'ERR_OFFLOOP_TOO_LONG', 'ERR_OFFLOOP_DISCONNECTED']).toContain(await codeOf(waiting));
    await ours.closed;
    expect(other.isClosed).toBe(true);
  });

  test.each([{ version: 2 }, { version: undefined }, { maxCalls: 'many' }, { maxCalls: 0 }, { maxMessage: 1 }])(
    'that says hello with %o is refused',
    async (more) => {
      const { other, ours } = played();

      other.hello(more);
      expect(await codeOf(ours.peer.add(1, 2))).toBe('ERR_OFFLOOP_BYTES');
    },
  );

  test('that calls before its hello is refused', async () => {
    const { other, ours } = played();

    other.play(call(1, 'add', [1, 2]));
    await ours.closed;
    expect(other.of(Kind.result)).toEqual([]);
  });

  test('reaches nothing by forged targets, names, arguments and live values', async () => {
    const { other } = played();
    other.hello();

    const bad = [
      call(1, 'add', [], 7),
      call(2, 'constructor'),
      call(3, '__proto__'),
      call(4, 'calls'),
      targetFrame(Kind.read, 5, 0, 'add'),
      targetFrame(Kind.call, 6, 0, 'add', toBytes({ length: 2 })),
      targetFrame(Kind.call, 7, 0, 'add', Buffer.from([1, 0, 99])),
      targetFrame(Kind.call, 8, 0, 'call', toBytes([() => 1], { exportLive: () => ({ own: 5 }) })),
      targetFrame(Kind.call, 9, 0, 'call', toBytes([() => 1], { exportLive: () => ({ id: -1, kind: 'function' }) })),
      targetFrame(Kind.call, 10, 0, 'call', toBytes([() => 1], { exportLive: () => ({ id: 5, kind: 'toString' }) })),
      targetFrame(
        Kind.call,
        11,
        0,
        'call',
        toBytes([() => 1], { exportLive: () => ({ id: 5, kind: 'bytes', mode: 1 }) }),
      ),
    ];
    for (const frame of bad) other.play(frame);
    await expect.poll(() => other.of(Kind.failure).map(({ id }) => id)).toEqual(bad.map((_, i) => i + 1));
    expect(other.isClosed).toBe(false);
  });

  test('forges answers, cancels and drops without effect', async () => {
    const { other, ours } = played();
    other.hello();
    const waiting = ours.peer.make();

    other.play(frameOf(Kind.result, 77, toBytes(1)));
    other.play(frameOf(Kind.cancel, 77, toBytes(1)));
    other.play(targetFrame(Kind.drop, 1e9, 0));
    other.play(targetFrame(Kind.drop, 1, 4000));
    other.play(call(1, 'add', [1, 2]));
    const [asked] = other.of(Kind.call);
    other.play(frameOf(Kind.result, asked?.id ?? 0, Buffer.from([9, 9])));
    expect(await codeOf(waiting)).toBe('ERR_OFFLOOP_BYTES');
    expect(other.bodies(Kind.result)).toEqual([3]);
  });

  test('has at most maxCalls calls in flight, and an id once', async () => {
    const { other, ours } = played({ maxCalls: 5 });
    other.hello();

    for (let id = 1; id <= 20; id += 1) other.play(call(id, 'wait'));
    expect(other.of(Kind.failure)).toHaveLength(15);
    // Without an id it is a call, too.
    other.play(call(0, 'wait'));
    expect(other.of(Kind.failure)).toHaveLength(15);
    other.play(call(3, 'wait'));
    await ours.closed;
  });

  test('holds at most maxObjects objects', async () => {
    const { other } = played({ maxObjects: 3 });
    other.hello();

    for (let id = 1; id <= 5; id += 1) other.play(call(id, 'make'));
    expect(other.of(Kind.failure)).toHaveLength(2);
    other.play(targetFrame(Kind.drop, 1, 1));
    other.play(call(6, 'make'));
    expect(other.of(Kind.result)).toHaveLength(4);
  });

  test('that does not read what it asks for loses the link', async () => {
    const { other, ours } = played({ maxBuffered: 20_000, maxMessage: 20_000 });
    other.hello();
    other.send = (frame): void => {
      other.bufferedAmount += frame.length;
    };

    for (let id = 1; id <= 10; id += 1) other.play(call(id, 'flood'));
    await ours.closed;
    expect(await codeOf(ours.peer.add(1, 2))).toBe('ERR_OFFLOOP_OVERFLOW');
  });

  test('that is slow has calls refused, not the link', async () => {
    const { other, ours } = played({ maxBuffered: 20_000 });
    other.hello();
    other.bufferedAmount = 19_990;

    expect(await codeOf(ours.peer.add(1, 2))).toBe('ERR_OFFLOOP_OVERFLOW');
    expect(ours.status).toBe('connected');
  });

  test('gets no call that is longer than it takes, nor one more than it takes', async () => {
    const { other, ours } = played();
    other.hello({ maxMessage: 1024, maxCalls: 1 });

    expect(await codeOf((ours.peer.call as unknown as (text: string) => Promise<unknown>)('x'.repeat(2000)))).toBe(
      'ERR_OFFLOOP_TOO_LONG',
    );
    const first = ours.peer.add(1, 2);
    expect(await codeOf(ours.peer.add(3, 4))).toBe('ERR_OFFLOOP_QUEUE_FULL');
    other.play(frameOf(Kind.result, other.of(Kind.call)[0]?.id ?? 0, toBytes(3)));
    expect(await first).toBe(3);
    other.play(call(9, 'flood'));
    expect(other.bodies(Kind.failure)).toMatchObject([{ code: 'ERR_OFFLOOP_TOO_LONG' }]);
  });

  test('that sends more values of a stream than were asked for fails the stream', async () => {
    const { other, ours } = played();
    other.hello();
    const many = ours.peer.many();
    const last = (): number => other.of(Kind.call).at(-1)?.id ?? 0;

    other.play(
      frameOf(
        Kind.result,
        last(),
        toBytes(() => 1, { exportLive: () => ({ id: 5, kind: 'entities', window: 4 }) }),
      ),
    );
    const next = (await many)[Symbol.asyncIterator]().next();
    other.play(frameOf(Kind.result, last(), toBytes({ items: Array.from({ length: 1000 }), isOver: false })));
    await expect.poll(() => other.of(Kind.call).at(-1)?.name).toBe('close');
    other.play(frameOf(Kind.result, last(), toBytes(undefined)));
    expect(await codeOf(next)).toBe('ERR_OFFLOOP_BYTES');
  });

  test('that reads a byte stream without taking it has the source read a window ahead, not more', async () => {
    let read = 0;
    const source = {
      read(position: number, most: number) {
        const length = Math.min(most, 4_000_000 - position);
        read += length;
        return new Uint8Array(length);
      },
      length: () => 4_000_000,
    };
    const other = new Played();
    const ours = link(other, { file: () => byteStream(source) }, { closeTimeout: 20 });
    links.push(ours as unknown as Link<never>);
    other.hello();
    other.bufferedAmount = 15_000_000;
    other.play(call(1, 'file'));
    other.play(
      targetFrame(
        Kind.call,
        2,
        1,
        'connect',
        toBytes([() => 1], {
          exportLive: (it) => (typeof it === 'function' ? { id: 9, kind: 'function' } : undefined),
        }),
      ),
    );
    await expect.poll(() => other.of(Kind.result).length).toBe(2);
    const open = {
      kind: 'open',
      context: 1,
      direction: 'read',
      position: 0,
      from: 'absolute',
      at: 0,
      room: 1e12,
      follows: false,
    };
    const post = (message: object): void => other.play(call(0, '', [message], 2));
    post(open);
    await expect.poll(() => read).toBe(1024 * 1024);
    for (let i = 0; i < 100; i += 1) post({ kind: 'limit', context: 1, limit: 1e12 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(read).toBe(1024 * 1024);
    // Once it takes them, it gets more.
    other.drain();
    await expect.poll(() => read).toBe(4_000_000);
    post({ kind: 'data', context: 1, bytes: new Uint8Array(1e6) });
    for (const bad of [{}, { kind: 'open' }, { kind: 'limit', context: NaN, limit: 1 }, null]) post(bad as object);
  });

  test('that plays anything never does more than end the link', async () => {
    const frames = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .tuple(
          fc.integer({ min: 1, max: 10 }),
          fc.nat(3),
          fc.nat(3),
          fc.constantFrom('add', 'make', 'many', 'file', 'pull', 'connect', 'close', ''),
          fc.uint8Array({ maxLength: 30 }),
          fc.anything(),
        )
        .map(([kind, id, target, name, bytes, value]) => {
          let body: Uint8Array = bytes;
          try {
            body = toBytes(bytes.length % 2 === 0 ? [value] : value);
          } catch {
            // Not everything becomes bytes.
          }
          return targetFrame(kind as 2, id, target, name, body);
        }),
    );

    await fc.assert(
      fc.asyncProperty(fc.array(frames, { maxLength: 10 }), async (all) => {
        const other = new Played();
        const ours = link(other, service, { closeTimeout: 1 });
        other.hello();
        for (const frame of all) other.play(frame);
        await new Promise((resolve) => setImmediate(resolve));
        await ours.close();
      }),
      { numRuns: tries(200) },
    );
  });
});

describe('a link', () => {
  test('asks a silent peer for a sign of life, and takes it for lost if there is none', async () => {
    const { other, ours } = played({ heartbeat: 10 });
    other.hello();

    await ours.closed;
    expect(other.of(Kind.ping).length).toBeGreaterThan(0);
    expect(await codeOf(ours.peer.add(1, 2))).toBe('ERR_OFFLOOP_DISCONNECTED');
    const alive = played({ heartbeat: 10 });
    alive.other.hello();
    let answered = 0;
    const over = new Latch();
    alive.other.on('sent', () => {
      if (alive.other.frames.at(-1)?.[0] !== Kind.ping) return;
      if ((answered += 1) === 5) over.open();
      alive.other.play(frameOf(Kind.pong, 0));
    });
    await over.opened;
    expect(alive.ours.status).toBe('connected');
  });

  test('is made again; only what it exposes itself has lived on', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      link(socket, service);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ours = link<typeof service>(() => connect(port, '127.0.0.1'), {}, { reconnect: { delay: 5 } });
    links.push(ours as unknown as Link<never>);

    const fn = await ours.peer.make();
    const values = (await ours.peer.many())[Symbol.asyncIterator]();
    await values.next();
    const stream = await (await ours.peer.file()).connect({ readahead: 10 });
    const lost = ours.peer.wait();
    sockets[0]?.destroy();
    expect(await codeOf(lost)).toBe('ERR_OFFLOOP_DISCONNECTED');
    expect(ours.status).toBe('reconnecting');
    // A call that is made meanwhile waits.
    expect(await ours.peer.add(1, 2)).toBe(3);
    expect(await codeOf(fn())).toBe('ERR_OFFLOOP_DISCONNECTED');
    expect(
      await codeOf(
        (async () => {
          for (;;) await values.next();
        })(),
      ),
    ).toBe('ERR_OFFLOOP_DISCONNECTED');
    expect(await codeOf(stream.read(1000))).toBe('ERR_OFFLOOP_DISCONNECTED');
    expect(await (await ours.peer.make())()).toBe(1);
    await ours.close();
    server.close();
  });

  test('gives up after some attempts; calls that wait have limits of their own', async () => {
    let tried = 0;
    const ours = link<typeof service>(
      () => {
        tried += 1;
        return Promise.reject(new Error('nobody there'));
      },
      {},
      { reconnect: { attempts: 3, delay: 1 } },
    );

    await expect(ours.peer.add(1, 2)).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_DISCONNECTED',
      cause: { message: 'nobody there' },
    });
    expect([tried, ours.status]).toEqual([4, 'closed']);
    const never = link<typeof service>(() => new Promise<LinkEndpoint>(() => undefined), {}, { maxCalls: 2 });
    const controller = new AbortController();
    const aborted = never.peer.with({ signal: controller.signal }).add(1, 2);
    expect(await codeOf(never.peer.with({ timeout: 1 }).add(1, 2))).toBe('ERR_OFFLOOP_TIMEOUT');
    const other = never.peer.add(1, 2);
    expect(await codeOf(never.peer.add(1, 2))).toBe('ERR_OFFLOOP_QUEUE_FULL');
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await never.close();
    expect(await codeOf(other)).toBe('ERR_OFFLOOP_CLOSED');
  });

  test('whose endpoint is none is over at once', async () => {
    let made = 0;
    const ours = link<typeof service>(() => ({ made: (made += 1) }) as never, {}, { reconnect: { delay: 1 } });

    expect(await codeOf(ours.peer.add(1, 2))).toBe('ERR_OFFLOOP_ARGUMENT');
    expect([made, ours.status]).toEqual([1, 'closed']);
  });

  test('keeps to the longest message that the other side takes', async () => {
    const [left] = linkPair(
      {},
      {
        ...service,
        fail: () => {
          throw new Error('x'.repeat(5000));
        },
      },
      { maxMessage: 1024 },
    );
    const peer = left.peer as unknown as Peer<typeof service & { fail(): void }>;

    const stream = await (await peer.file()).connect();
    expect((await stream.read(5000)).length).toBe(5000);
    await stream.close();
    expect(await codeOf(peer.fail())).toBe('ERR_OFFLOOP_TOO_LONG');
    expect(await codeOf(peer.flood())).toBe('ERR_OFFLOOP_TOO_LONG');
    expect(await peer.add(1, 2)).toBe(3);
    await left.close();
  });

  test('that is closed does not wait for ever', async () => {
    const { other, ours } = played();
    other.hello();
    const hanging = ours.peer.wait();

    other.play(call(1, 'wait'));
    await ours.close();
    expect(await codeOf(hanging)).toBe('ERR_OFFLOOP_CLOSED');
    expect(other.of(Kind.bye)).toHaveLength(1);
  });

  test.each([
    [() => link({} as never)],
    [() => link(undefined as never)],
    [() => link(new PassThrough(), null as never)],
    [() => link(new PassThrough(), {}, { heartbeat: 0 })],
    [() => link(new PassThrough(), {}, { reconnect: {} })],
    [() => link(() => new PassThrough(), {}, { reconnect: { attempts: 0 } })],
    [() => link(new PassThrough(), {}, { unknown: 1 } as never)],
    [() => linkPair({}, 1 as never)],
    [() => linkPair({}, {})[0].peer.with({ timeout: 0 })],
  ])('refuses wrong arguments: %s', (make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
  });

  test('answers here what is asked of a proxy, and sends nothing', async () => {
    const { other, ours } = played();
    other.hello();
    const sent = other.frames.length;
    const peer = ours.peer as unknown as Record<string, unknown>;

    expect(JSON.stringify(peer)).toBe('{}');
    expect(await Promise.resolve(peer)).toBe(peer);
    for (const name of ['then', 'constructor', '__proto__', 'toJSON']) expect(peer[name]).toBeUndefined();
    expect(Object.getPrototypeOf(Object.getPrototypeOf(peer))).toBe(Object.prototype);
    expect(other.frames).toHaveLength(sent);
  });

  test('passes on what belongs to a third side', async () => {
    const [a, b] = linkPair({}, service);
    const middle = a.peer as unknown as Peer<typeof service>;
    const [c] = linkPair(
      {},
      { borrow: () => middle, file: () => middle.file(), many: () => middle.many(), fn: () => middle.make() },
    );
    type Middle = {
      borrow(): Promise<unknown>;
      file(): Promise<ByteStreamer>;
      many(): Promise<EntityStream<number>>;
      fn(): Promise<() => number>;
    };
    const peer = c.peer as unknown as Peer<Middle>;

    const borrowed = (await peer.borrow()) as Peer<typeof service>;
    expect(await borrowed.add(2, 3)).toBe(5);
    expect(await (await peer.fn())()).toBe(1);
    const stream = await (await peer.file()).connect();
    expect((await stream.read(5)).length).toBe(5);
    await stream.close();
    const seen: number[] = [];
    for await (const n of await peer.many()) if (seen.push(n) === 10) break;
    expect(seen).toHaveLength(10);
    await Promise.all([c.close(), a.close(), b.closed]);
  });

  test('over a port that is not what it seems is lost', async () => {
    const { port1, port2 } = new MessageChannel();
    const ours = link<typeof service>(port1, {});

    port2.postMessage(new Uint8Array(new SharedArrayBuffer(4)));
    expect(await codeOf(ours.peer.add(1, 2))).toBe('ERR_OFFLOOP_BYTES');
  });
});

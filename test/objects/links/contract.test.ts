/** What every link promises, whatever it stands on. @module */

import { afterEach, describe, expect, test } from 'vitest';
import { callSignal } from '../../../src/index.ts';
import { Latch } from '../../../src/base/latch.ts';
import { sendable } from '../../../src/codec/sendable.ts';
import { byteStream, entityStream } from '../../../src/objects/index.ts';
import type { ByteStreamer, EntityStream, LinkOptions, Peer } from '../../../src/objects/index.ts';
import { pair, transports } from './transports.ts';
import type { Connect, Linked } from './transports.ts';

class Rejected extends RangeError {
  readonly code = 'ERR_REJECTED';
}
sendable(Rejected);

class Account {
  #sum = 0;
  readonly secret = 'field';
  add(n: number): number {
    return (this.#sum += n);
  }
  get sum(): number {
    return this.#sum;
  }
}

/** What the right side exposes in these tests. */
class Service {
  readonly account = new Account();
  readonly began = new Latch();
  signal: AbortSignal | undefined;
  listeners = new Set<(n: number) => unknown>();
  closed = new Latch();

  echo(...values: unknown[]): unknown {
    return values.length === 1 ? values[0] : values;
  }
  get version(): string {
    return '1.0';
  }
  fail(kind: string): never {
    if (kind === 'registered') throw new Rejected('too much', { cause: new TypeError('why') });
    if (kind === 'coded') throw Object.assign(new Error('gone'), { code: 'ENOENT', errno: -2 });
    throw kind;
  }
  async each(items: number[], fn: (n: number) => number | Promise<number>): Promise<number[]> {
    return Promise.all(items.map(async (n) => fn(n)));
  }
  on(listener: (n: number) => unknown): number {
    this.listeners.add(listener);
    return this.listeners.size;
  }
  off(listener: (n: number) => unknown): boolean {
    return this.listeners.delete(listener);
  }
  async tell(n: number): Promise<void> {
    for (const listener of this.listeners) await listener(n);
  }
  adder(n: number): (m: number) => number {
    return (m) => n + m;
  }
  open(): Account {
    return this.account;
  }
  isOwn(account: unknown): boolean {
    return account === this.account;
  }
  nest(): { list: Account[]; fn: () => unknown } {
    return { list: [this.account], fn: () => 'called' };
  }
  async hang(): Promise<void> {
    this.signal = callSignal();
    const aborted = new Latch();
    this.signal.addEventListener('abort', () => aborted.open());
    this.began.open();
    await aborted.opened;
  }
  *count(to: number): Generator<number> {
    try {
      for (let i = 0; i < to; i += 1) yield i;
    } finally {
      this.closed.open();
    }
  }
  numbers(window: number): EntityStream<number> {
    return entityStream(this.count(1e9), { window });
  }
  file(): ByteStreamer {
    return byteStream(pattern(3_000_000), { mode: 'r+' });
  }
}

/** Bytes that differ from place to place. */
function pattern(length: number): Buffer {
  const numbers = Uint32Array.from({ length: Math.ceil(length / 4) }, (_, i) => Math.imul(i, 2654435761));
  return Buffer.from(numbers.buffer, 0, length);
}

/** The proxy, by any name. */
type Loose = Record<string, (() => Promise<unknown>) & PromiseLike<unknown>>;

let open: Linked[] = [];

afterEach(async () => {
  for (const { left, right, free } of open.splice(0)) {
    await Promise.all([left.close(), right.close()]);
    free();
  }
  open = [];
});

async function begin(
  connect: Connect,
  options: LinkOptions = {},
): Promise<Linked & { service: Service; peer: Peer<Service, typeof Account> }> {
  const service = new Service();
  const linked = await connect({ hello: () => 'left' }, service, { nested: [Account], ...options });
  open.push(linked);
  return { ...linked, service, peer: linked.left.peer as unknown as Peer<Service, typeof Account> };
}

const codeOf = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    return await promise;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

describe.each([['a thread', pair] as const, ...transports])('a link over %s', (name, connect) => {
  test('calls methods and reads values, in both directions', async () => {
    const { peer, right } = await begin(connect);
    const value = { map: new Map([[1, new Date(5)]]), bytes: new Uint8Array([1, 2]), none: undefined, big: 5n };

    expect(await peer.echo(value)).toEqual(value);
    expect(await peer.echo(1, undefined, 'x')).toEqual([1, undefined, 'x']);
    expect(await peer.version).toBe('1.0');
    expect(await (right.peer as unknown as Peer<{ hello(): string }>).hello()).toBe('left');
    const large = 'x'.repeat(1_000_000);
    expect(await peer.echo(large)).toBe(large);
  });

  test('keeps class, code and cause of errors', async () => {
    const { peer } = await begin(connect);

    const error: unknown = await peer.fail('registered').catch((it: unknown) => it);
    expect(error).toBeInstanceOf(Rejected);
    expect(error).toMatchObject({ code: 'ERR_REJECTED', message: 'too much', cause: expect.any(TypeError) as unknown });
    expect(await codeOf(peer.fail('coded'))).toBe('ENOENT');
    await expect(peer.fail('text')).rejects.toBe('text');
  });

  test('reaches what is exposed, and nothing else', async () => {
    const { peer } = await begin(connect);

    for (const name of ['missing', 'account', 'listeners', 'version', '__proto__x', '', 'x'.repeat(1000)])
      expect(await codeOf((peer as unknown as Loose)[name]?.() as Promise<unknown>)).toBe('ERR_OFFLOOP_NOT_FOUND');
    for (const name of ['missing', 'account', 'echo'])
      expect(await codeOf((async () => await (peer as unknown as Loose)[name])())).toBe('ERR_OFFLOOP_NOT_FOUND');
  });

  test('passes functions that live on, and are the same each time', async () => {
    const { peer, service } = await begin(connect);
    const heard: number[] = [];
    const listener = (n: number): number => heard.push(n);

    expect(await peer.each([1, 2], (n: number) => n * 2)).toEqual([2, 4]);
    await peer.on(listener);
    await peer.on(listener);
    expect(service.listeners.size).toBe(1);
    await peer.tell(5);
    expect(await peer.off(listener)).toBe(true);
    expect(heard).toEqual([5]);
    const add = await peer.adder(2);
    expect(await add(3)).toBe(5);
    await expect(
      peer.each([1], () => {
        throw new Rejected('no');
      }),
    ).rejects.toBeInstanceOf(Rejected);
  });

  test('leaves nested objects where they are, and knows them again', async () => {
    const { peer, service } = await begin(connect);

    const account = await peer.open();
    expect(await account.add(5)).toBe(5);
    expect(service.account.sum).toBe(5);
    expect(await account.sum).toBe(5);
    expect(await codeOf((async () => await account['secret'])())).toBe('ERR_OFFLOOP_NOT_FOUND');
    expect(await peer.open()).toBe(account);
    expect(await peer.isOwn(account)).toBe(true);
    const { list, fn } = await peer.nest();
    expect(list[0]).toBe(account);
    expect(await fn()).toBe('called');
    const last = account.add(1);
    await account.release();
    expect(await last).toBe(6);
    expect(await codeOf(account.add(1))).toBe('ERR_OFFLOOP_CLOSED');
    expect(await (await peer.open())['add']?.(1)).toBe(7);
  });

  test('streams values at most a window ahead, and closes their source', async () => {
    const { peer, service } = await begin(connect);

    const all: number[] = [];
    for await (const n of await peer.count(2500)) all.push(n);
    expect(all).toEqual(Array.from({ length: 2500 }, (_, i) => i));
    service.closed = new Latch();
    const seen: number[] = [];
    for await (const n of await peer.numbers(8)) if (seen.push(n) === 20) break;
    await service.closed.opened;
    expect(seen).toHaveLength(20);
    const idle = await peer.numbers(0);
    await idle.close();
    expect(() => idle[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
  });

  test('reads, writes and seeks bytes', async () => {
    const { peer } = await begin(connect);

    const streamer = await peer.file();
    await using stream = await streamer.connect({ readahead: 500_000 });
    const expected = pattern(3_000_000);
    const parts: Buffer[] = [];
    // A chunk may be transferred: its memory has nothing that is still to be read.
    for await (const { buffer, byteOffset, length } of stream.chunks({ close: false }))
      parts.push(Buffer.from(structuredClone(buffer, { transfer: [buffer as ArrayBuffer] }), byteOffset, length));
    expect(Buffer.concat(parts).equals(expected)).toBe(true);
    await stream.wseek(0);
    const reversed = Buffer.from(expected.toReversed());
    for (let at = 0; at < reversed.length; at += 400_000) await stream.write(reversed.subarray(at, at + 400_000));
    await stream.rseek(0);
    expect((await stream.read()).equals(reversed)).toBe(true);
    await stream.wseek(10);
    await stream.write(Buffer.from('hello'));
    await stream.flush();
    await stream.rseek(9);
    expect([...(await stream.read(7))]).toEqual([reversed[9], ...Buffer.from('hello'), reversed[15]]);
    expect(await codeOf(stream.rseek(4_000_000))).toBe('ERR_OFFLOOP_POSITION');
    expect(await codeOf(streamer.connect())).toBe('ERR_OFFLOOP_BUSY');
  });

  test('tells the method when its call is given up', async () => {
    const { service, peer } = await begin(connect);

    const controller = new AbortController();
    const call = peer.with({ signal: controller.signal }).hang();
    await service.began.opened;
    controller.abort(new Rejected('changed my mind'));
    await expect(call).rejects.toThrow('changed my mind');
    // The frame that tells of it comes before this one.
    await peer.echo(1);
    expect(service.signal?.aborted).toBe(true);
    expect(service.signal?.reason).toBeInstanceOf(Rejected);
    const late = peer.with({ timeout: 5 }).hang();
    expect(await codeOf(late)).toBe('ERR_OFFLOOP_TIMEOUT');
  });

  // The two ends of linkPair are in one thread, and neither is lost alone.
  test.skipIf(/* both ends die there */ name === 'a thread')(
    'ends what is in flight when the other side is gone',
    async () => {
      const { left, right, service, peer, cut } = await begin(connect, { heartbeat: 200 });

      const stream = await (await peer.file()).connect({ readahead: 10 });
      const values = (await peer.numbers(4))[Symbol.asyncIterator]();
      const account = await peer.open();
      const call = peer.hang() as Promise<unknown>;
      await service.began.opened;
      cut();
      expect(await codeOf(call)).toBe('ERR_OFFLOOP_DISCONNECTED');
      await Promise.all([left.closed, right.closed]);
      expect([left.status, right.status]).toEqual(['closed', 'closed']);
      expect(service.signal?.aborted).toBe(true);
      expect(await codeOf(stream.read(1000))).toBe('ERR_OFFLOOP_DISCONNECTED');
      expect(await codeOf(values.next())).toBe('ERR_OFFLOOP_DISCONNECTED');
      expect(await codeOf(account.add(1))).toBe('ERR_OFFLOOP_DISCONNECTED');
      expect(await codeOf(peer.echo(1))).toBe('ERR_OFFLOOP_DISCONNECTED');
    },
  );

  test('is closed once the calls in flight are done', async () => {
    const { left, right, peer } = await begin(connect);
    await peer.echo(1);

    const gate = new Latch();
    const call = peer.each([1], () => gate.opened.then(() => 3));
    const closing = left.close();
    expect(left.status).toBe('closing');
    gate.open();
    expect(await call).toEqual([3]);
    await closing;
    expect(await codeOf(peer.echo(1))).toBe('ERR_OFFLOOP_CLOSED');
    await right.closed;
    expect(await codeOf((right.peer as unknown as Peer<{ hello(): string }>).hello())).toBe('ERR_OFFLOOP_DISCONNECTED');
  });

  test('refuses what cannot cross, with its place', async () => {
    const { peer } = await begin(connect);

    await expect(peer.echo(1, [Symbol('x')])).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_NOT_CLONEABLE',
      message: expect.stringContaining('arguments[1][0]') as unknown,
    });
    expect(await codeOf(peer.echo(new WeakMap()))).toBe('ERR_OFFLOOP_NOT_CLONEABLE');
    expect(await codeOf(peer.echo(new SharedArrayBuffer(8)))).toBe('ERR_OFFLOOP_NOT_CLONEABLE');
  });
});

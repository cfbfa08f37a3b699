/** What a program or a peer may do with a link that nobody would expect. @module */

import { duplexPair, PassThrough } from 'node:stream';
import { inspect } from 'node:util';
import { MessageChannel } from 'node:worker_threads';
import * as Comlink from 'comlink';
import { describe, expect, test } from 'vitest';
import { toBytes } from '../../../src/codec/bytes/bytes.ts';
import { link, linkPair } from '../../../src/objects/index.ts';
import { expectFixed } from '../../support/fixed.ts';
import { frameOf, Kind, targetFrame } from '../../../src/objects/links/frames/frame.ts';

const codeOf = async (promise: PromiseLike<unknown>): Promise<unknown> => {
  try {
    return await promise;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

class Inner {
  n = 1;
}

class Moody {
  add = (a: number, b: number): number => a + b;
  get mood(): string {
    throw Object.assign(new Error('not now'), { code: 'ERR_MOOD' });
  }
  echo(value: unknown): unknown {
    return value;
  }
  make(): () => number {
    return () => 1;
  }
  inner(): Inner {
    return new Inner();
  }
}

describe('a link', () => {
  test('passes on what a getter throws, and goes on', async () => {
    const [left] = linkPair({}, new Moody());

    expect(await codeOf(left.peer.mood)).toBe('ERR_MOOD');
    expect(await left.peer.echo(3)).toBe(3);
    await left.close();
  });

  test('has proxies that can be printed, serialized, awaited and compared, and are not cloned', async () => {
    const [left] = linkPair({}, new Moody());
    const fn = await left.peer.make();

    for (const proxy of [left.peer as unknown as object, fn as unknown as object]) {
      expect(inspect(proxy, { depth: 5, showHidden: true })).toMatch(/linked/);
      expect([undefined, '{"proxy":{}}', '{}']).toContain(JSON.stringify({ proxy }));
      expect(await Promise.resolve(proxy)).toBe(proxy);
      expect(() => structuredClone(proxy)).toThrow(expect.objectContaining({ name: 'DataCloneError' }));
      expect(() => structuredClone({ deep: [proxy] })).toThrow(expect.objectContaining({ name: 'DataCloneError' }));
      expect(String(proxy)).toMatch(/linked|release|=>/);
    }
    await left.close();
  });

  test('has proxies that refuse to be changed themselves, nested ones and those of Comlink too', async () => {
    const [left] = linkPair({}, new Moody(), { nested: [Inner] });
    const { port1, port2 } = new MessageChannel();
    Comlink.expose({ inner: () => Comlink.proxy({ n: 1 }), make: () => Comlink.proxy(() => 1) }, port2);
    const page = link<Record<'inner' | 'make', () => object>>(port1, {});

    const nested = [await left.peer.inner(), await page.peer.inner(), await page.peer.make()] as object[];
    for (const proxy of [left.peer, left.peer.with({ timeout: 1000 }), page.peer, ...nested]) expectFixed(proxy);
    const member = left.peer.echo as unknown as Record<string, unknown>;
    expect(() => (member['deeper'] = 1)).toThrow(TypeError);
    expect(await left.peer.echo(3)).toBe(3);
    await Promise.all([left.close(), page.close()]);
  });

  test('has an endpoint of its own: a second one is refused', async () => {
    const { port1, port2 } = new MessageChannel();
    const ours = link<Moody>(port1);
    const theirs = link(port2, new Moody());

    expect(() => link(port1)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
    expect(await ours.peer.echo(1)).toBe(1);
    await ours.close();
    await theirs.closed;
    expect(() => link(port1)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
  });

  test('to itself reaches what it exposes', async () => {
    const ours = link<Moody>(new PassThrough(), new Moody());

    expect(await ours.peer.echo({ n: 1 })).toEqual({ n: 1 });
    await ours.close();
  });

  test('keeps names of prototypes as what they are: names', async () => {
    const [left] = linkPair({}, new Moody());
    const value: unknown = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');

    const echoed = (await left.peer.echo(value)) as object;
    expect(Object.getPrototypeOf(echoed)).toBe(Object.prototype);
    expect(Object.keys(echoed)).toEqual(['__proto__', 'constructor']);
    expect({}).not.toHaveProperty('polluted');
    await left.close();
  });
});

describe('a peer over a stream', () => {
  /** What the other end sends as it likes. */
  function raw(): {
    readonly send: (bytes: Uint8Array) => void;
    end(): void;
    readonly ours: ReturnType<typeof link<Moody>>;
  } {
    const [one, other] = duplexPair();
    other.resume();
    const ours = link<Moody>(one, new Moody(), { closeTimeout: 10 });
    return { send: (bytes) => void other.write(bytes), end: () => void other.end(), ours };
  }
  const framed = (frame: Uint8Array): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(frame.length);
    return Buffer.concat([length, frame]);
  };
  const hello = framed(frameOf(Kind.hello, 0, toBytes({ version: 1, maxMessage: 1e6, maxCalls: 100 })));

  test('that announces a frame of 4 GiB loses the link before any of it comes', async () => {
    const { send, ours } = raw();
    send(hello);
    const waiting = ours.peer.echo(1);

    send(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    expect(await codeOf(waiting)).toBe('ERR_OFFLOOP_TOO_LONG');
  });

  test.each([
    ['half a frame', hello.subarray(0, 9)],
    ['half a head', hello.subarray(0, 2)],
    ['nothing', new Uint8Array(0)],
  ])('that ends after %s is lost', async (_, bytes) => {
    const { send, end, ours } = raw();
    const waiting = ours.peer.echo(1);

    send(bytes);
    end();
    expect(await codeOf(waiting)).toBe('ERR_OFFLOOP_DISCONNECTED');
    expect(ours.status).toBe('closed');
  });

  test('that sends a value nested without end gets an error for that call', async () => {
    const [one, other] = duplexPair();
    const ours = link(one, new Moody());
    let all = Buffer.alloc(0);
    other.on('data', (chunk: Buffer) => (all = Buffer.concat([all, chunk])));
    const answers = (): number[] => {
      const kinds: number[] = [];
      for (let at = 0; at + 4 < all.length; at += 4 + all.readUInt32BE(at)) kinds.push(all[at + 4] as number);
      return kinds;
    };
    other.write(hello);
    const list = toBytes([[]]);
    // The two bytes that begin a value, and then arrays in arrays: [ and the length 1 of each.
    const opening = list.subarray(2, list.length / 2 + 1);
    const deep = Buffer.concat([list.subarray(0, 2), ...Array.from({ length: 100_000 }, () => opening)]);
    other.write(framed(targetFrame(Kind.call, 1, 0, 'echo', deep)));
    other.write(framed(targetFrame(Kind.call, 2, 0, 'echo', toBytes([1]))));

    await expect.poll(() => answers().slice(1)).toEqual([Kind.failure, Kind.result]);
    await ours.close();
  });
});

/** A link that is cut, closed or given up at any step: everything settles, and nothing stays open. @module */

import { duplexPair } from 'node:stream';
import { MessageChannel } from 'node:worker_threads';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { byteStream, entityStream, link, linkPair } from '../../../src/objects/index.ts';
import type { ByteStreamer, EntityStream, Link, LinkOptions } from '../../../src/objects/index.ts';
import { tries } from '../../support/full.ts';

/** What is open on the side that serves. */
class Books {
  open = 0;

  async ask(n: number, fn: (n: number) => Promise<number>): Promise<number> {
    return (await fn(n)) + (await fn(n));
  }
  async *count(): AsyncGenerator<number> {
    this.open += 1;
    try {
      for (let i = 0; ; i += 1) yield i;
    } finally {
      this.open -= 1;
    }
  }
  stream(): EntityStream<number> {
    return entityStream(this.count(), { window: 4 });
  }
  file(): ByteStreamer {
    let data = Buffer.alloc(300_000, 1);
    return byteStream({
      open: () => (this.open += 1),
      close: () => (this.open -= 1),
      length: () => data.length,
      read: (position, length) => data.subarray(position, position + length),
      write(position, bytes) {
        data = Buffer.concat([data.subarray(0, position), bytes, data.subarray(position + bytes.length)]);
      },
    });
  }
}

type Shown = Pick<Books, 'ask' | 'stream' | 'file'> & { count(): AsyncGenerator<number> };

interface Ends {
  readonly left: Link<Shown>;
  readonly right: Link;
  cut(): void;
}

const options: LinkOptions = { closeTimeout: 20, members: ['ask', 'count', 'stream', 'file'] };
const leftOptions: LinkOptions = { closeTimeout: 20 };

const ways: Record<string, (books: Books) => Ends> = {
  port(books) {
    const { port1, port2 } = new MessageChannel();
    return { left: link(port1, {}, leftOptions), right: link(port2, books, options), cut: () => port2.close() };
  },
  streams(books) {
    const [one, other] = duplexPair();
    const cut = (): void => {
      one.destroy();
      other.destroy();
    };
    return { left: link(one, {}, leftOptions), right: link(other, books, options), cut };
  },
  thread(books) {
    const [left, right] = linkPair({}, books, { closeTimeout: 20 });
    return { left, right, cut: () => void right.close() };
  },
};

/** The work of one user of the link, which counts its steps by `step`. */
type Work = (link: Link<Shown>, step: () => void, signal: AbortSignal) => Promise<void>;

const works: Record<string, Work> = {
  async calls(it, step, signal) {
    for (let n = 0; n < 5; n += 1) {
      step();
      const twice = async (m: number): Promise<number> => {
        step();
        return m;
      };
      expect(await it.peer.with({ signal }).ask(n, twice)).toBe(2 * n);
    }
  },
  async items(it, step) {
    let expected = 0;
    for await (const n of await it.peer.stream()) {
      step();
      expect(n).toBe(expected);
      if ((expected += 1) === 12) break;
    }
    for await (const n of await it.peer.count()) {
      step();
      if (n === 3) break;
    }
  },
  async bytes(it, step, signal) {
    const stream = await (await it.peer.file()).connect({ readahead: 50_000, signal });
    try {
      step();
      expect((await stream.read(100_000, { signal })).equals(Buffer.alloc(100_000, 1))).toBe(true);
      step();
      await stream.wseek(5, { signal });
      step();
      await stream.write(Buffer.alloc(90_000, 2), { signal });
      step();
      await stream.flush({ signal });
      step();
      await stream.rseek(0, { signal });
      step();
      expect([...(await stream.read(7, { signal }))]).toEqual([1, 1, 1, 1, 1, 2, 2]);
    } finally {
      step();
      await stream.close();
    }
  },
};

const troubles: Record<string, (ends: Ends, abort: () => void) => void> = {
  cut: ({ cut }) => cut(),
  'close the left': ({ left }) => void left.close(),
  'close the right': ({ right }) => void right.close(),
  abort: (_, abort) => abort(),
  nothing: () => undefined,
};

const codes = new Set(['ERR_OFFLOOP_DISCONNECTED', 'ERR_OFFLOOP_CLOSED', 'ERR_ABORTED']);

test('everything settles with a code, and every source is closed, whatever happens at whichever step', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(ways)),
      fc.constantFrom(...Object.keys(troubles)),
      fc.array(fc.constantFrom(...Object.keys(works)), { minLength: 1, maxLength: 4 }),
      fc.nat(40),
      async (way, trouble, names, at) => {
        const books = new Books();
        const ends = ways[way]?.(books) as Ends;
        const controller = new AbortController();
        const abort = (): void => controller.abort(Object.assign(new Error('enough'), { code: 'ERR_ABORTED' }));
        let steps = 0;
        const step = (): void => {
          if (steps === at) troubles[trouble]?.(ends, abort);
          steps += 1;
        };
        const all = names.map(async (name) => works[name]?.(ends.left, step, controller.signal));
        for (const result of await Promise.allSettled(all)) {
          if (result.status === 'fulfilled') continue;
          const { code } = result.reason as { code?: string };
          if (code === undefined || !codes.has(code)) throw result.reason;
          expect(steps).toBeGreaterThan(at);
        }
        await Promise.all([ends.left.close(), ends.right.close()]);
        await Promise.all([ends.left.closed, ends.right.closed]);
        await expect.poll(() => books.open).toBe(0);
      },
    ),
    { numRuns: tries(300) },
  );
});

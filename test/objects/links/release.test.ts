/** What the other side holds is freed: when it is released, dropped, or lost with that side. @module */

import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { Latch } from '../../../src/base/latch.ts';
import { byteStream, entityStream, link, linkPair } from '../../../src/objects/index.ts';
import type { ByteStreamer, EntityStream, Peer } from '../../../src/objects/index.ts';
import { collect, heapInUse, openPorts } from '../../support/heap.ts';
import { isFull } from '../../support/full.ts';
import { transports } from './transports.ts';
import type { Linked } from './transports.ts';

class Note {
  readonly text = Array.from({ length: 100 }, (_, i) => i);
  length(): number {
    return this.text.length;
  }
}

/** Counts what it has given away and what of that is over. */
class Desk {
  readonly closedFile = new Latch();
  readonly closedItems = new Latch();
  readonly given: WeakRef<object>[] = [];

  note(): Note {
    return this.#give(new Note());
  }
  fn(): () => number {
    return this.#give(() => 7);
  }
  nested(): { notes: Note[] } {
    return { notes: [this.note(), this.note()] };
  }
  *items(): Generator<number> {
    try {
      for (let i = 0; ; i += 1) yield i;
    } finally {
      this.closedItems.open();
    }
  }
  stream(): EntityStream<number> {
    return entityStream(this.items(), { window: 2 });
  }
  file(): ByteStreamer {
    return byteStream({ read: (_, length) => new Uint8Array(length), close: () => this.closedFile.open() });
  }
  async use(fn: () => unknown): Promise<void> {
    await fn();
  }
  left(): number {
    return this.given.filter((it) => it.deref() !== undefined).length;
  }

  #give<T extends object>(it: T): T {
    this.given.push(new WeakRef(it));
    return it;
  }
}

type DeskPeer = Peer<Desk, typeof Note>;

let open: Linked[] = [];
afterEach(async () => {
  for (const { left, right, free } of open.splice(0)) {
    await Promise.all([left.close(), right.close()]);
    free();
  }
  open = [];
});

const [, overSocket] = transports.find(([name]) => name === 'a socket') as (typeof transports)[number];

async function begin(): Promise<{ desk: Desk; peer: DeskPeer; linked: Linked }> {
  const desk = new Desk();
  const linked = await overSocket({}, desk, { nested: [Note] });
  open.push(linked);
  return { desk, peer: linked.left.peer as unknown as DeskPeer, linked };
}

/** Waits until nothing that `desk` has given away is left in memory. */
async function freed(desk: Desk): Promise<void> {
  const left = (): number => {
    collect();
    return desk.left();
  };
  await expect.poll(left, { timeout: 10_000 }).toBe(0);
}

describe('what the other side holds', () => {
  test('is freed when it is released by hand', async () => {
    const { desk, peer } = await begin();
    const note = await peer.note();
    const fn = (await peer.fn()) as (() => Promise<number>) & AsyncDisposable;

    expect([await note.length(), await fn()]).toEqual([100, 7]);
    expect(desk.left()).toBe(2);
    await note.release();
    await fn[Symbol.asyncDispose]();
    await freed(desk);
    // The proxies are still there, and say so.
    await expect(note.length()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' });
    await expect(fn()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' });
  });

  test('is freed when it is dropped: objects, functions, streams of values and of bytes', async () => {
    const { desk, peer } = await begin();
    await (async () => {
      const kept = [await peer.note(), await peer.fn(), await peer.nested()];
      expect(desk.left()).toBe(4);
      const values = (await peer.stream())[Symbol.asyncIterator]();
      expect(await values.next()).toEqual({ done: false, value: 0 });
      const stream = await (await peer.file()).connect({ readahead: 10 });
      expect((await stream.read(3)).length).toBe(3);
      return kept.length;
    })();

    await freed(desk);
    const closed = (): boolean[] => {
      collect();
      return [desk.closedFile.isOpen, desk.closedItems.isOpen];
    };
    await expect.poll(closed, { timeout: 10_000 }).toEqual([true, true]);
  });

  test('is freed when that side is gone', async () => {
    const { desk, peer, linked } = await begin();
    const kept = [await peer.note(), await peer.fn(), await peer.nested()];
    const values = (await peer.stream())[Symbol.asyncIterator]();
    await values.next();
    const stream = await (await peer.file()).connect({ readahead: 10 });

    linked.cut();
    await linked.right.closed;
    await Promise.all([desk.closedFile.opened, desk.closedItems.opened]);
    await freed(desk);
    await expect(stream.read(1000)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_DISCONNECTED' });
    expect(kept).toHaveLength(3);
  });

  test('holds functions of this side no longer than it uses them', async () => {
    const { peer } = await begin();
    const marks: WeakRef<object>[] = [];
    for (let i = 0; i < 8; i += 1) {
      const fn = (): number => i;
      marks.push(new WeakRef(fn));
      await peer.use(fn);
    }

    const left = (): number => {
      collect();
      return marks.filter((it) => it.deref() !== undefined).length;
    };
    // The last may be held by the frame of this test.
    await expect.poll(left, { timeout: 10_000 }).toBeLessThanOrEqual(1);
  });
});

test(
  'many objects and functions that are made and dropped leave nothing behind',
  { timeout: isFull ? 400_000 : 120_000 },
  async () => {
    // A desk that keeps no account of them, which would grow too.
    const desk = { note: () => new Note(), fn: () => () => 7, use: async (fn: () => unknown) => void (await fn()) };
    const [left, right] = linkPair({}, desk, { nested: [Note] });
    const peer = left.peer as unknown as Peer<
      { note(): Note; fn(): () => number; use(fn: () => unknown): void },
      typeof Note
    >;
    const round = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i += 50) {
        const made = await Promise.all(Array.from({ length: 25 }, async () => (await peer.note()).length()));
        const functions = await Promise.all(Array.from({ length: 25 }, () => peer.fn()));
        await Promise.all([...functions.map(async (fn) => fn()), peer.use(() => made)]);
        if (i % 500 === 0) await heapInUse();
      }
    };
    const size = isFull ? 10_000 : 1000;

    await round(size);
    const growths: number[] = [];
    for (let i = 0, before = await heapInUse(); i < 8; i += 1) {
      await round(size);
      const after = await heapInUse();
      growths.push(after - before);
      before = after;
    }
    // A leak grows in every round: by the 800 bytes of a note at the least.
    expect(Math.min(...growths)).toBeLessThan(size * 100);
    await Promise.all([left.close(), right.closed]);
  },
);

test('a link over a port leaves no port', async () => {
  const before = openPorts();
  for (let i = 0; i < 20; i += 1) {
    const { port1, port2 } = new MessageChannel();
    const left = link<{ fn(): () => number; file(): ByteStreamer }>(port1);
    const right = link(port2, { fn: () => () => 1, file: () => byteStream(Buffer.from('text')) });
    expect(await (await left.peer.fn())()).toBe(1);
    const stream = await (await left.peer.file()).connect();
    expect(String(await stream.read())).toBe('text');
    if (i % 2 === 0) await stream.close();
    if (i % 3 === 0) await right.close();
    else await left.close();
    await Promise.all([left.closed, right.closed]);
  }

  // The frame of this test may still have the ports of the last round.
  await expect.poll(openPorts, { timeout: 10_000 }).toBeLessThan(before + 10);
});

/** What many calls, callbacks and proxies leave behind: nothing. @module */

import { describe, expect, test } from 'vitest';
import { isFull } from '../support/full.ts';
import { run } from '../support/run.ts';
import { project } from '../support/project.ts';

const program = `
  import { setTimeout } from 'node:timers/promises';
  import { threadedObject } from 'offloop/objects';
  class Cursor { at = new Array(100).fill(0); next() { return this.at.length; } }
  class Store {
    keep = undefined;
    add(n) { return n + 1; }
    async later(n) { await null; return n; }
    cursor() { return new Cursor(); }
    each(visit) { this.keep = visit; return visit(1); }
    *items() { yield 1; yield 2; }
    async heap() {
      for (let i = 0; i < 4; i += 1) { globalThis.gc(); await setTimeout(10); }
      return process.memoryUsage().heapUsed;
    }
  }
  const Stores = threadedObject(Store, { nested: [Cursor] });
  const store = await Stores.start();
  const heaps = async () => {
    for (let i = 0; i < 4; i += 1) { globalThis.gc(); await setTimeout(10); }
    return [process.memoryUsage().heapUsed, await store.heap()];
  };
  // One call is out all the time.
  const open = store.items();
  await open.next();
  const round = async (times) => {
    // Several calls are out at once: that is sooner done.
    for (let i = 0; i < times; i += 100) {
      const calls = Array.from({ length: 100 }, (_, k) => store.add(i + k));
      for (let k = 0; k < 20; k += 1) calls.push(store.later(k));
      const cursors = await Promise.all(Array.from({ length: 10 }, () => store.cursor()));
      for (const cursor of cursors) calls.push(cursor.next());
      for (let k = 0; k < 10; k += 1) calls.push(store.each(() => k));
      await Promise.all(calls);
      for (let k = 0; k < 2; k += 1) for await (const item of store.items()) void item;
      await cursors[0].release();
      if (i % 4000 === 0) { globalThis.gc(); await setTimeout(1); }
    }
  };
  const [first, ...rest] = process.argv.slice(2).map(Number);
  await round(first);
  let before = await heaps();
  for (const times of rest) {
    await round(times);
    const after = await heaps();
    console.log(after.map((size, i) => Math.round((size - before[i]) / 1024)).join(' '));
    before = after;
  }
  await open.close();
  await store.release();
`;

describe('an object', () => {
  test('is used for long without growing, on either side', { timeout: 180_000 }, async () => {
    const folder = project({ 'main.mjs': program });
    const args = isFull ? ['20000', '40000', '40000', '40000'] : ['2000', '3000', '3000'];
    const { lines, stderr, code } = await run('main.mjs', {
      cwd: folder,
      args,
      nodeArgs: ['--expose-gc'],
      deadline: 170_000,
    });

    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const rounds = lines.map((line) => line.split(' ').map(Number));
    expect(rounds).toHaveLength(args.length - 1);
    // A leak grows in every round, code that is compiled in one of them. In KiB: in the long form 25 bytes a call, or 250
    // a proxy, exceed it.
    for (const side of [0, 1]) {
      const least = Math.min(...rounds.map((round) => round[side] ?? Infinity));
      expect(least).toBeLessThan(isFull ? 1000 : 600);
    }
  });
});

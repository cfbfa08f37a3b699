/** Links between processes and threads: they end by themselves, and a side that is killed is noticed. @module */

import { fork } from 'node:child_process';
import type { Serializable } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { link } from '../../../src/objects/index.ts';
import type { ByteStreamer, EntityStream, Link, LinkEndpoint } from '../../../src/objects/index.ts';
import { root } from '../../support/run.ts';

const program = join(root, 'test/fixtures/links/child.mjs');

interface Api {
  add(a: number, b: number): number;
  each(items: number[], fn: (n: number) => number): number[];
  ask(): string;
  never(): void;
  die(): void;
  numbers(): EntityStream<number>;
  file(): ByteStreamer;
}

/** Ends as the other side does; gives how. */
interface Started {
  readonly endpoint: LinkEndpoint;
  readonly exit: Promise<unknown[]>;
}

const starts: [string, () => Started][] = [
  ...(['json', 'advanced'] as const).map((serialization): [string, () => Started] => [
    `a child process (${serialization})`,
    () => {
      const child = fork(program, { serialization });
      return { endpoint: child, exit: once(child, 'exit') };
    },
  ]),
  [
    'a thread',
    () => {
      const worker = new Worker(program);
      return { endpoint: worker, exit: once(worker, 'exit') };
    },
  ],
];

describe.each(starts)('a link to %s', (_, start) => {
  test('is used from both sides, and lets it exit by itself', async () => {
    const { endpoint, exit } = start();
    const ours: Link<Api> = link<Api>(endpoint, { name: () => 'parent' });

    expect(await ours.peer.add(1, 2)).toBe(3);
    expect(await ours.peer.each([1, 2], (n) => n * 2)).toEqual([2, 4]);
    expect(await ours.peer.ask()).toBe('parent');
    const all: number[] = [];
    for await (const n of await ours.peer.numbers()) all.push(n);
    expect(all).toEqual([1, 2, 3]);
    const stream = await (await ours.peer.file()).connect();
    expect((await stream.read(2_000_000)).equals(Buffer.alloc(1_000_000, 3))).toBe(true);
    await stream.close();
    await ours.close();
    expect((await exit)[0]).toBe(0);
  });
});

test('a link to a child process that is killed fails what is in flight', async () => {
  const child = fork(program);
  const exit = once(child, 'exit');
  const ours = link<Api>(child, {});
  const beside = child.listenerCount('message');
  const call = ours.peer.never();

  await ours.peer.add(1, 2);
  child.send({ other: 'message' } satisfies Serializable);
  await expect(ours.peer.die()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_DISCONNECTED' });
  await expect(call).rejects.toMatchObject({ code: 'ERR_OFFLOOP_DISCONNECTED' });
  expect((await exit)[1]).toBe('SIGKILL');
  expect(child.listenerCount('message')).toBe(beside - 1);
});

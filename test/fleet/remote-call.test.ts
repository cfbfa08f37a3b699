/** What a caller makes of what nodes tell it of a call, and of their loss. @module */

import { describe, expect, test, vi } from 'vitest';
import type { Definition } from '../../src/address/registry.ts';
import { definitionOf } from '../../src/address/wrapped.ts';
import { Call } from '../../src/call/call.ts';
import { Link } from '../../src/call/link.ts';
import { Consumer } from '../../src/channel/consumer/consumer.ts';
import type { Ring } from '../../src/channel/ring/ring.ts';
import { NearLanes } from '../../src/fleet/caller/near-lanes.ts';
import { RemoteCall } from '../../src/fleet/caller/remote-call.ts';
import type { CallFleet } from '../../src/fleet/caller/remote-call.ts';
import { encodeValue } from '../../src/fleet/values/bodies.ts';
import { decodeFrame, encodeFrame, Op } from '../../src/fleet/values/frame.ts';
import type { Frame } from '../../src/fleet/values/frame.ts';
import { threaded } from '../../src/wrappers/threaded.ts';

const definition = definitionOf(threaded(function add(): void {})) as Definition;
const nameOf = (op: number): string => Object.keys(Op).find((name) => Op[name as keyof typeof Op] === op) ?? `${op}`;
const frame = (op: number, facts: readonly unknown[], value?: unknown): Frame =>
  decodeFrame(encodeFrame(op, 7, facts, encodeValue(value, { root: 'the value' })));

/** A call that is in its queue, and what its caller sends and does; with a function among its arguments it is not plain. */
function queued(settings: { isIdempotent?: boolean; argument?: unknown } = {}) {
  const { isIdempotent = false, argument = 1 } = settings;
  const log: string[] = [];
  const fleet: CallFleet = {
    lanes: new NearLanes(),
    isAway: true,
    patience: 1,
    send: (_, op) => void log.push(nameOf(op)),
    hold: (node) => void log.push(`holds ${node}`),
    release: (node) => void log.push(`releases ${node}`),
    complete: async () => Promise.resolve(),
    takeBack: () => void log.push('taken back'),
    withdraw: async () => Promise.resolve(false),
    waitedFor: async () => Promise.reject(new Error('not expected')),
    over: () => void log.push('over'),
  };
  const plan = { timeout: Infinity, queueTimeout: Infinity, priority: 0, idempotent: isIdempotent };
  const call = new Call(definition, [argument], plan, { at: 0 });
  call.promise.catch(() => undefined);
  const place = { number: 7, hash: '0123', bytes: new Uint8Array(0), sequence: 5, times: 1, sentAt: 1, triedAt: 1 };
  const isPlain = typeof argument !== 'function';
  const waits = (): RemoteCall =>
    new RemoteCall(fleet, call, { queued: place, isPlain, queueTimeout: Infinity, module: 'm' });
  return { log, call, waits };
}

/** As {@link queued}, of a call whose items are iterated over. */
function iterated() {
  const { log, call, waits } = queued();
  const link = (ring: Ring): Link => new Link(call, ring, 4);
  const limits = { maxSize: 4, overflow: 'block', closeTimeout: 1 } as const;
  const items = new Consumer({ call, link, submit: () => undefined }, limits);
  items.start();
  return { log, items, remote: waits() };
}

const isOver = (log: readonly string[]): Promise<void> => vi.waitFor(() => expect(log).toContain('over'));

describe('a caller that a node asks whether it may run a call', () => {
  test.each([
    ['grants one that no node has begun', false, false],
    ['grants one that may run again, whoever has begun it', true, true],
  ])('%s', async (_, isIdempotent, hasBegun) => {
    const { log, call, waits } = queued({ isIdempotent });
    waits().hear('node', frame(Op.may, [hasBegun]));
    await vi.waitFor(() => expect(log).toEqual(['grant', 'holds node']));

    call.returned(3, 0, 0);
    expect(await call.promise).toBe(3);
  });

  test('takes the items of an iterator that it has granted, also if they are the first that it hears', async () => {
    const { log, items, remote } = iterated();
    const first = items.next();
    remote.hear('node', frame(Op.may, [false, true]));
    await vi.waitFor(() => expect(log).toEqual(['grant', 'holds node']));

    remote.hear('node', frame(Op.items, [0], ['one', 'two']));
    expect(await first).toEqual({ done: false, value: 'one' });
    remote.hear('node', frame(Op.returned, [1], 'all'));
    expect(await items.next()).toEqual({ done: false, value: 'two' });
    expect(await items.next()).toEqual({ done: true, value: 'all' });
  });

  test('fails one that the node itself had begun before the line to it was lost', async () => {
    const { log, call, waits } = queued();
    waits().hear('node', frame(Op.may, [true]));

    const cure = { code: 'ERR_OFFLOOP_WORKER_EXIT', message: expect.stringContaining('idempotent') as string };
    await expect(call.promise).rejects.toMatchObject(cure);
    expect(log).toEqual(['forget', 'taken back', 'over']);
  });
});

test('a caller takes the first answer, whichever node it is of', async () => {
  const { log, call, waits } = queued({ isIdempotent: true });
  const remote = waits();
  for (const [node, value] of [
    ['one', 1],
    ['two', 2],
  ] as const)
    remote.hear(node, frame(Op.returned, [1], value));

  expect(await call.promise).toBe(1);
  expect(log).toEqual(['over']);
});

describe('a caller whose node is lost', () => {
  test('gives the items that have come, and does not let go of a line that is there again', async () => {
    const { log, items, remote } = iterated();
    remote.hear('node', frame(Op.items, [0], ['one', 'two', 'three', 'four', 'five']));
    remote.lost();
    expect(log).toEqual(['holds node', 'taken back']);
    for (const value of ['one', 'two', 'three', 'four', 'five'])
      // One after the other.
      // oxlint-disable-next-line no-await-in-loop
      expect(await items.next()).toEqual({ done: false, value });

    // A generator cannot be declared idempotent.
    const message = expect.not.stringContaining('idempotent') as string;
    await expect(items.next()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT', message });
    await isOver(log);
    expect(log).not.toContain('releases node');
  });

  test('forgets a call that is given up before another node has it', async () => {
    const { log, call, waits } = queued({ isIdempotent: true, argument: () => 1 });
    const remote = waits();
    remote.hear('node', frame(Op.started, []));
    await vi.waitFor(() => expect(log).toEqual(['holds node', 'args']));
    remote.lost();

    call.abort(new Error('changed my mind'));
    await isOver(log);
    expect(log).toEqual(['holds node', 'args', 'taken back', 'over']);
  });
});

test('a caller does not wait for the end of what was given up while the server is away', async () => {
  const [iterator, call] = [iterated(), queued({ argument: () => 1 })];
  iterator.remote.hear('node', frame(Op.started, []));
  call.waits().hear('node', frame(Op.started, []));
  await vi.waitFor(() => expect(call.log).toContain('args'));

  call.call.abort(new Error('changed my mind'));
  await expect(iterator.items.close()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_TIMEOUT' });
  await isOver(iterator.log);
  await isOver(call.log);
});

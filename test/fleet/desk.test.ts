/** What a node tells the callers of the calls that it takes. @module */

import { describe, expect, test, vi } from 'vitest';
import { addressOf } from '../../src/address/find/address-of.ts';
import type { Definition } from '../../src/address/registry.ts';
import { definitionOf } from '../../src/address/wrapped.ts';
import { Call } from '../../src/call/call.ts';
import { Desk } from '../../src/fleet/node/desk.ts';
import type { DeskEnds } from '../../src/fleet/node/desk-ends.ts';
import { encodeValue } from '../../src/fleet/values/bodies.ts';
import { decodeFrame, encodeFrame, format, Op } from '../../src/fleet/values/frame.ts';
import { threaded } from '../../src/wrappers/threaded.ts';

const add = threaded(function add(a: number, b: number): number {
  return a + b;
});
const definition = definitionOf(add) as Definition;
const served = { code: { module: 'shop/jobs.mjs', hash: '0123' }, definitions: [definition] };
const nameOf = (op: number): string => Object.keys(Op).find((name) => Op[name as keyof typeof Op] === op) ?? `${op}`;

interface Made {
  readonly desk: Desk;

  /** How many threads were free each time that this may have changed. */
  readonly changes: number[];
  readonly log: string[];
  readonly running: Call[];
  readonly pool: { busyThreads: number };

  /** How often the caller is watched. */
  readonly held: () => number;

  /** The caller has all that was sent. */
  readonly taken: () => void;
}

/** A desk whose threads run nothing, and whose caller has given up `losses` lines when it is heard. */
function make(losses: number, isThere: boolean | Promise<boolean> = true): Made {
  const [log, running, sent] = [[] as string[], [] as Call[], [] as (() => void)[]];
  const changes: number[] = [];
  let held = 0;
  const pool = { submit: (call: Call) => void (log.push('runs'), running.push(call)), busyThreads: 0 };
  const ends: Partial<DeskEnds> = {
    threads: 2,
    send: (_, op, call, facts, __, taken) => {
      log.push([nameOf(op), call, ...facts.map(String)].join(' '));
      if (taken) sent.push(taken);
    },
    hold: () => void (held += 1),
    release: () => void (held -= 1),
    say: (_, word) => void log.push(new TextDecoder().decode(word)),
    isKnown: () => losses >= 0,
    lossesOf: () => losses,
    isThere: async () => Promise.resolve(isThere),
    changed: () => void changes.push(desk.free),
  };
  const taken = (): void => sent.splice(0).forEach((it) => it());
  const desk: Desk = new Desk({ ...ends, pool } as unknown as DeskEnds);
  return { desk, changes, log, running, pool, held: () => held, taken };
}

const key = encodeValue({ ...addressOf(definition), module: undefined }, { root: 'the function' });
const body = encodeValue([[1, 2], undefined], { root: 'args' });

/** Delivers a call of `caller`, which had given up `losses` lines when it was made, for the `attempt`th time. */
async function deliver(
  desk: Desk,
  losses: number,
  settings: { attempt?: number; isIdempotent?: boolean; maxSize?: number } = {},
) {
  const { attempt = 1, isIdempotent = false, maxSize } = settings;
  const facts = [format, 'caller', key, true, isIdempotent, Infinity, maxSize, Infinity, losses];
  const data = encodeFrame(Op.call, 7, facts, body);
  await desk.take(served, { subject: '', data, reply: `$JS.ACK.s.nodes.${attempt}.5.5.0.0` }, () => true);
}

describe('a node that takes a call', () => {
  test('says nothing of one that is over at once, but what came out', async () => {
    const { desk, log, running } = make(0);
    await deliver(desk, 0);
    running[0]?.returned(3, 0.5, 1);
    await running[0]?.promise;

    expect(log).toEqual(['runs', 'returned 7 0.5']);
  });

  test('tells that it runs before the caller hears that nothing is on the way, and once', async () => {
    const { desk, log } = make(0);
    await deliver(desk, 0);
    desk.tell('somebody else');
    expect(log).toEqual(['runs']);
    desk.tell('caller');
    desk.tell('caller');

    expect(log).toEqual(['runs', 'started 7']);
  });

  test('tells that it runs if that takes longer', async () => {
    const { desk, log } = make(0);
    await deliver(desk, 0);

    await vi.waitFor(() => expect(log).toEqual(['runs', 'started 7']));
  });

  test('asks if the caller has given up a line since it was heard: it may have been this one', async () => {
    const [once, again] = [make(0), make(0)];
    await deliver(once.desk, 1);
    await deliver(again.desk, 1, { isIdempotent: true });
    expect([once.log, again.log]).toEqual([['may 7 false true'], ['runs']]);

    once.desk.hear('caller', decodeFrame(encodeFrame(Op.grant, 7, [])));
    expect(once.log).toEqual(['may 7 false true', 'runs']);
  });

  test.each([
    ['grant', 1],
    ['forget', 0],
    ['leave', 0],
  ] as const)('watches the caller whom it has asked until it hears %s', async (answer, left) => {
    const { desk, held } = make(0);
    await deliver(desk, 1);
    expect([held(), desk.free]).toEqual([1, 1]);

    desk.hear('caller', decodeFrame(encodeFrame(Op[answer], 7, [])));
    expect([held(), desk.free]).toEqual([left, 2 - left]);
  });

  test('does not keep a thread for a caller that is gone, or is lost before it has answered', async () => {
    const [gone, lost] = [make(0, false), make(0)];
    await deliver(gone.desk, 1);
    await deliver(lost.desk, 1);
    lost.desk.lost('caller', false);

    for (const { desk, log } of [gone, lost]) expect([log.at(-1), desk.free, desk.size]).toEqual(['+TERM', 2, 0]);
    expect(gone.held()).toBe(0);
  });

  test.each([
    ['delivered once more', 2],
    ['put there twice', 1],
  ])('runs no call again that is over, and tells its queue so: one %s', async (_, attempt) => {
    const { desk, log, running, taken } = make(0);
    await deliver(desk, 0);
    await deliver(desk, 0, { attempt });
    running[0]?.returned(3, 0.5, 1);
    await running[0]?.promise;
    taken();
    await deliver(desk, 0, { attempt });

    expect(log).toEqual(['runs', 'returned 7 0.5', '+ACK', '+ACK']);
  });

  test('does not count a thread as free that has not ended a call which was given up', async () => {
    const { desk, changes, running, pool } = make(0);
    await deliver(desk, 0);
    pool.busyThreads = 1;
    running[0]?.abort(new Error('enough'));
    await running[0]?.promise.catch(() => undefined);
    await vi.waitFor(() => expect(changes.length).toBeGreaterThan(2));
    expect(new Set(changes)).toEqual(new Set([1]));

    pool.busyThreads = 0;
    await vi.waitFor(() => expect(changes.at(-1)).toBe(2));
  });

  test('asks once more if the question went with the line, and has not begun the call by then', async () => {
    const { desk, log } = make(0);
    await deliver(desk, 1);
    desk.lost('caller', true);

    expect(log).toEqual(['may 7 false true', 'may 7 false true']);
    expect(desk.size).toBe(1);
  });

  test('asks once if the line is lost while it is found out whether the caller is there', async () => {
    let found: (isThere: boolean) => void = () => undefined;
    const { desk, log, held } = make(-1, new Promise((resolve) => (found = resolve)));
    const delivered = deliver(desk, 0);
    desk.lost('caller', true);
    found(true);
    await delivered;

    expect(log).toEqual(['may 7 false true']);
    // Once on the line that is lost.
    expect(held()).toBe(2);
  });

  test.each([
    ['is begun with its order, and is not asked for its first items', 4, ['runs']],
    ['waits to be asked for each item if it goes step by step', 0, ['started 7']],
  ])('an iterator %s', async (_, maxSize, said) => {
    const { desk, log } = make(0);
    await deliver(desk, 0, { maxSize });

    expect(log).toEqual(said);
    if (maxSize > 0) return;
    desk.hear('caller', decodeFrame(encodeFrame(Op.ask, 7, [0, 1])));
    expect(log).toEqual(['started 7', 'runs']);
  });

  test('asks a caller that does not know it, and one whose call was delivered before', async () => {
    const [unknown, again] = [make(-1), make(0)];
    await deliver(unknown.desk, 0);
    await deliver(again.desk, 0, { attempt: 2 });

    expect([unknown.log, again.log]).toEqual([['may 7 false true'], ['may 7 false false']]);
  });

  test('says of a call that it had begun, and has given up with the line, that it has begun it', async () => {
    const { desk, log } = make(0);
    await deliver(desk, 0);
    desk.lost('caller', true);
    log.length = 0;
    await deliver(desk, 0, { attempt: 2 });

    expect(log).toEqual(['may 7 true false']);
  });
});

/** Iterators over generators on a node while the server, their caller or the node dies, at each of their steps. @module */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { fleet } from 'offloop/fleet';
import type { Fleet } from 'offloop/fleet';
import { hasNats } from '../support/brokers.ts';
import { endNodes, startNode } from '../support/fleet.ts';
import type { TestNode } from '../support/fleet.ts';
import { isFull } from '../support/full.ts';
import { natsServer } from '../support/nats-server.ts';
import type { NatsServer } from '../support/nats-server.ts';
import { fixture } from '../support/run.ts';
import * as held from '../fixtures/fleet/held.mjs';

interface Case {
  readonly way: string;
  readonly step: string;
}

const prefix = 'deaths';
const oneWay: readonly Case[] = held.cases.slice(0, held.steps.length);

/** What is begun at once: all ways at all steps; only one way where developers wait. */
const cases = isFull ? held.cases : oneWay;
const threads = cases.length;

let server: NatsServer;
let node: TestNode;
let connection: NatsConnection;
let folder: string;
let last = 0;
const root = mkdtempSync(join(tmpdir(), 'offloop-deaths-'));

beforeAll(async () => {
  if (!hasNats) return;
  server = await natsServer();
  const modules = [fixture('fleet/held.mjs')];
  node = await startNode(server.servers, { threads, modules, args: ['--prefix', prefix, '--ack-wait', '500'] });
  connection = await connect({ servers: server.servers, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
});

beforeEach(() => {
  last += 1;
  folder = mkdtempSync(join(root, `${last}-`));
});

afterAll(async () => {
  if (hasNats) {
    await connection.close();
    await endNodes();
    await server.stop();
  }
  rmSync(root, { recursive: true, force: true });
});

const wide = { timeout: 20_000, interval: 20 };

/** Lets the generators go on. */
function go(): void {
  for (const it of cases) writeFileSync(`${held.fileOf(folder, it)}.go`, '');
}

/** Waits until the node tells such figures. */
const tells = (figures: object): Promise<void> =>
  vi.waitFor(async () => {
    const { data } = await connection.request(`$SRV.STATS.${prefix}`, '', { timeout: 1000 });
    const { endpoints } = JSON.parse(new TextDecoder().decode(data)) as { endpoints: { data: object }[] };
    expect(endpoints[0]?.data).toMatchObject(figures);
  }, wide);

/** Waits until the node has nothing any more, and its threads run calls again. */
async function isFree(): Promise<void> {
  await tells({ held: 0, busy: 0, queued: 0, iterating: 0 });
  await using pool = fleet({ servers: server.servers, prefix, queueTimeout: 10_000 });
  const calls = Array.from({ length: 2 * threads }, async () => held.free.with({ pool })());
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['free']));
}

const isIdle = (pool: Fleet): Promise<void> =>
  vi.waitFor(() => expect(pool.stats()).toMatchObject({ busy: 0, queued: 0, iterating: 0 }), wide);

/** Whether the `finally` of all generators has run. */
const haveEnded = (): Promise<void> =>
  vi.waitFor(() => {
    for (const it of cases) expect(held.notes(held.fileOf(folder, it)).at(-1)).toBe('ended');
  }, wide);

/** A program that has begun `cases`. */
async function program(cases: readonly Case[], closes: boolean, ofPrefix = prefix) {
  const given = JSON.stringify({ servers: server.servers, prefix: ofPrefix, folder, cases, closes });
  const child = spawn(process.execPath, [fixture('fleet/iterating.mjs'), given], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const closed = once(child, 'close') as Promise<[number | null]>;
  await vi.waitFor(() => expect(printed).toBe(ofPrefix === prefix ? 'all\n' : 'begins\n'), wide);
  return {
    async kill(): Promise<void> {
      child.kill('SIGKILL');
      await closed;
    },
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),

    /** What it tells of its iterators, and its exit code once it has ended by itself. */
    async finish(): Promise<{ readonly code: number | null; readonly outcomes: unknown }> {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
      const [code] = await closed;
      clearTimeout(timer);
      return { code, outcomes: JSON.parse(printed.split('\n')[1] ?? '') as unknown };
    },
  };
}

const over = { done: true, value: undefined };
const numbers = Array.from({ length: held.all }, (_, i) => i);

/** What an iterator gives in the end if nothing of it is lost. */
const complete = ({ way, step }: Case): object => {
  const isClosed = step === 'while it closes';
  return { way, step, found: isClosed ? [0] : numbers, end: isClosed ? 'closed' : 'all', after: over };
};

/** What it gives in the end if its node is lost: what had come until then. */
const cut = ({ way, step }: Case): object => {
  const found = { 'before its first item': [], 'between two items': [0, 1, 2], 'while it closes': [0] }[step];
  const some = expect.toSatisfy((it: number[]) => it.length > 0 && it.every((item, i) => item === i)) as number[];
  return { way, step, found: found ?? some, end: 'ERR_OFFLOOP_WORKER_EXIT', after: over };
};

describe.runIf(hasNats)('iterators over generators on a node', () => {
  type Begun = Awaited<ReturnType<typeof held.begin>>;
  const begin = (pool: Fleet): Promise<Begun[]> =>
    Promise.all(cases.map(async (it) => held.begin(folder, it, { pool })));
  const settled = (begun: readonly Begun[]): Promise<object[]> => Promise.all(begun.map(held.finish));

  // The tests of the network have an iterator, too, where developers wait.
  test.runIf(isFull).each(['SIGKILL', 'SIGTERM'] as const)(
    'go on where they were once a server that ended by %s is back',
    async (signal) => {
      await using pool = fleet({ servers: server.servers, prefix, nodeTimeout: 2000 });
      const begun = await begin(pool);

      await server.kill(signal);
      await server.start();
      go();
      expect(await settled(begun)).toEqual(cases.map(complete));
      await haveEnded();
      await isIdle(pool);
      await isFree();
    },
  );

  test.runIf(isFull)('can be closed while the server is away, and hold no process then', async () => {
    const caller = await program(cases, true);

    await server.kill();
    const { code, outcomes } = await caller.finish();
    await server.start();
    const awaits = (step: string): boolean => step === 'before its first item' || step === 'between two items';
    const closed = { closed: 'ERR_OFFLOOP_TIMEOUT', after: over };
    const expected = cases.map(({ step }) => {
      if (step === 'while it closes') return { ...closed, awaited: 'ERR_OFFLOOP_TIMEOUT' };
      return awaits(step) ? { ...closed, awaited: over } : closed;
    });
    expect({ code, outcomes }).toEqual({ code: 0, outcomes: JSON.parse(JSON.stringify(expected)) });
    go();
    await isFree();
  });

  test.runIf(isFull)('are ended at the node if their caller is killed', async () => {
    const caller = await program(cases, false);

    await caller.kill();
    go();
    await haveEnded();
    await isFree();
  });

  test('end with an error if the node is killed', async () => {
    await using pool = fleet({ servers: server.servers, prefix, nodeTimeout: 1000 });
    const begun = await begin(pool);
    const starts = node.log.filter(({ event }) => event === 'ready').length;

    if (isFull) process.kill(node.pid, 'SIGKILL');
    else await node.kill();
    expect(await settled(begun)).toEqual(cases.map(cut));
    await isIdle(pool);
    if (!isFull) return;
    // It was started again, which takes a while.
    await node.heard('ready', starts + 1);
    await isFree();
  });

  test.runIf(isFull)('end with an error in a program whose node is killed, and which ends by itself', async () => {
    const caller = await program(cases, false);
    const starts = node.log.filter(({ event }) => event === 'ready').length;

    process.kill(node.pid, 'SIGKILL');
    const after = { done: true };
    expect(await caller.finish()).toEqual({ code: 0, outcomes: cases.map((it) => ({ ...cut(it), after })) });
    await node.heard('ready', starts + 1);
  });

  test.runIf(isFull)(
    'end with an error if the node is frozen, which has nothing of them left once it goes on',
    async () => {
      await using pool = fleet({ servers: server.servers, prefix, nodeTimeout: 1000 });
      const begun = await begin(pool);

      node.freeze();
      expect(await settled(begun)).toEqual(cases.map(cut));
      await isIdle(pool);
      node.thaw();
      go();
      await haveEnded();
      await isFree();
    },
  );

  test.runIf(isFull)(
    'are ended at the node if their caller is frozen, and end with an error once it goes on',
    async () => {
      const caller = await program(cases, false);

      caller.freeze();
      // What ends before the node takes its caller for lost may be heard by it later.
      await tells({ held: 0 });
      go();
      await haveEnded();
      await isFree();
      caller.thaw();
      const after = { done: true };
      expect(await caller.finish()).toEqual({ code: 0, outcomes: cases.map((it) => ({ ...cut(it), after })) });
    },
  );
});

test.runIf(hasNats && isFull)(
  'iterators that no node has yet: one is begun once the server is back, one whose caller was killed never is',
  async () => {
    const other = 'waiting';
    const [mine, gone] = [held.cases[2], held.cases[0]] as [Case, Case];
    await using pool = fleet({ servers: server.servers, prefix: other });
    const begun = held.begin(folder, mine, { pool });
    const caller = await program([gone], false, other);
    await queued(other, 2);

    await caller.kill();
    await server.kill();
    await server.start();
    const modules = [fixture('fleet/held.mjs')];
    const late = await startNode(server.servers, { modules, args: ['--prefix', other, '--ack-wait', '500'] });
    expect(await held.finish(await begun)).toEqual(complete(mine));
    expect(await held.free.with({ pool })()).toBe('free');
    await queued(other, 0);
    expect(held.notes(held.fileOf(folder, gone))).toEqual([]);
    expect(await late.stop()).toBe(0);
  },
);

/** Waits until so many calls are in the queues of `ofPrefix`. */
async function queued(ofPrefix: string, count: number): Promise<void> {
  const manager = await jetstreamManager(connection);
  await vi.waitFor(async () => {
    const streams = await manager.streams.list().next();
    const found = streams.filter(({ config }) => config.name.startsWith(`${ofPrefix}-`));
    expect(found.reduce((sum, { state }) => sum + state.messages, found.length === 0 ? NaN : 0)).toBe(count);
  }, wide);
}

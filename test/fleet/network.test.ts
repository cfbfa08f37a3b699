/** Fleets whose server dies and comes back, or whose way to it is cut. @module */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { fleet } from 'offloop/fleet';
import type { Fleet, FleetOptions } from 'offloop/fleet';
import { hasNats } from '../support/brokers.ts';
import { cuttable } from '../support/cut.ts';
import type { Cut } from '../support/cut.ts';
import { endNodes, startNode } from '../support/fleet.ts';
import { isFull } from '../support/full.ts';
import { natsServer } from '../support/nats-server.ts';
import type { NatsServer } from '../support/nats-server.ts';
import * as jobs from '../fixtures/fleet/jobs.mjs';

let server: NatsServer;
let way: Cut;
let folder: string;
const fleets: Fleet[] = [];

beforeAll(async () => {
  if (!hasNats) return;
  folder = mkdtempSync(join(tmpdir(), 'offloop-fleet-'));
  server = await natsServer();
  way = await cuttable(server.port);
});

afterEach(async () => {
  await endNodes();
  await Promise.all(fleets.splice(0).map(async (it) => it.close()));
});

afterAll(async () => {
  if (!hasNats) return;
  way.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

let last = 0;
const word = (): string => {
  last += 1;
  return `n${process.pid}-${last}`;
};

function make(prefix: string, options: FleetOptions = {}): Fleet {
  const made = fleet({ servers: server.servers, prefix, nodeTimeout: 3000, ...options });
  fleets.push(made);
  return made;
}

const node = (prefix: string, servers = server.servers, threads = 2): ReturnType<typeof startNode> =>
  startNode(servers, { threads, args: ['--prefix', prefix, '--ack-wait', '1500'] });

const runsIn = (path: string): string[] => readFileSync(path, 'utf8').split('\n').filter(Boolean);

describe.runIf(hasNats)('a server that is killed', () => {
  test.each(isFull ? ['file', 'memory'] : ['memory'])(
    'and started again, with the queue in %s: each call settles once',
    async (storage) => {
      const [prefix, path] = [word(), join(folder, `${word()}.txt`)];
      const pool = make(prefix, { stream: { storage } });
      // The queue is made by whoever needs it first.
      const before = jobs.noted.with({ pool })(path, 'first', 0);
      await vi.waitFor(() => expect(pool.stats().queued).toBe(1));
      await node(prefix);
      await before;
      const calls = Array.from({ length: 60 }, async (_, i) => jobs.noted.with({ pool })(path, `${i}`, 20));
      const items = jobs.count.with({ pool, maxSize: 8 })(300, undefined);
      await items.next();
      await Promise.race(calls);

      await server.kill();
      await server.start();
      expect((await Promise.allSettled(calls)).map((it) => it.status === 'fulfilled' || codeOf(it))).toEqual(
        calls.map(() => true),
      );
      const ids = runsIn(path).map((line) => line.split(' ')[0]);
      expect(new Set(ids).size).toBe(ids.length);
      const rest: unknown[] = [];
      for await (const item of items) rest.push(item);
      expect(rest).toEqual(Array.from({ length: 299 }, (_, i) => i + 1));
    },
  );
});

describe.runIf(hasNats)('a server that is not there yet', () => {
  afterEach(() => way.mend());

  test('is looked for anew by a call that is made after the one before was given up', async () => {
    const prefix = word();
    await node(prefix);
    way.stall();
    const pool = make(prefix, { servers: way.address, idleTimeout: 1, queueTimeout: 8000 });
    await expect(jobs.add.with({ pool, signal: AbortSignal.timeout(1) })(1, 1)).rejects.toThrow('timeout');
    // The time without a call is the subject: by now the connection that is being made is not wanted any more.
    await pause(50);
    const called = jobs.add.with({ pool })(2, 2);
    way.mend();

    expect(await called).toBe(4);
    expect(await jobs.add.with({ pool })(3, 3)).toBe(6);
    const asked = pool.nodes();
    await pool.close();
    expect(await asked).toHaveLength(1);
    await expect(pool.nodes()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' });
  });

  test('is waited for by ready() until its signal is aborted', async () => {
    way.cut();
    const pool = make(word(), { servers: way.address, connectTimeout: 3000 });
    const ready = pool.ready({ signal: AbortSignal.timeout(50) });

    await expect(ready).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('is not looked for any longer once nobody waits for it', async () => {
    way.cut();
    const pool = make(word(), { servers: way.address, connectTimeout: 600_000 });
    await expect(jobs.add.with({ pool, signal: AbortSignal.timeout(1) })(1, 1)).rejects.toThrow('timeout');

    await expect(pool.close()).resolves.toBeUndefined();
  });

  test('is not looked for any longer to ask who is there, once the fleet is closed', async () => {
    way.cut();
    const pool = make(word(), { servers: way.address, connectTimeout: 600_000 });
    const asked = expect(pool.nodes()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' });
    const ready = expect(pool.ready()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' });

    await expect(pool.close()).resolves.toBeUndefined();
    await asked;
    await ready;
  });
});

function codeOf(result: PromiseSettledResult<unknown>): unknown {
  return result.status === 'rejected' ? (result.reason as { code?: string; message?: string }).code : undefined;
}

describe.runIf(hasNats)('a way to the server that is cut', () => {
  test.runIf(isFull)('and mended: the caller goes on where it was', async () => {
    const [prefix, path] = [word(), join(folder, `${word()}.txt`)];
    await node(prefix);
    const pool = make(prefix, { servers: way.address });
    const running = jobs.gated.with({ pool })(path, 'runs');
    const called = jobs.steps.with({ pool })(40, async (i: number) => {
      if (i === 10) way.cut();
      if (i === 10) setTimeout(() => way.mend(), 300);
      return i;
    });

    expect(await called).toBe(780);
    writeFileSync(`${path}.go`, '');
    expect(await running).toBe('runs');
    expect(await jobs.add.with({ pool })(1, 2)).toBe(3);
  });

  test.runIf(isFull)('for longer than a node may be silent: its calls are lost, or run on another', async () => {
    const [prefix, path] = [word(), join(folder, `${word()}.txt`)];
    await node(prefix, way.address);
    const pool = make(prefix);
    const [again, once] = [
      jobs.gated.with({ pool, idempotent: true })(path, 'again'),
      jobs.gated.with({ pool })(path, 'once'),
    ];
    await vi.waitFor(() => expect(runsIn(path)).toHaveLength(2), { timeout: 20_000 });
    const second = await node(prefix);

    way.cut();
    await expect(once).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT' });
    writeFileSync(`${path}.go`, '');
    expect(await again).toBe('again');
    way.mend();
    const pids = new Set(await Promise.all(Array.from({ length: 40 }, async () => jobs.busy.with({ pool })(50))));
    expect(pids).toContain(second.pid);
    expect(runsIn(path).filter((line) => line.startsWith('once'))).toHaveLength(1);
  });
});

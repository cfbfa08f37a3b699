/** `offloop serve` whose processes are killed one by one under load. @module */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { fleet } from 'offloop/fleet';
import { hasNats } from '../support/brokers.ts';
import { endNodes, onceIn, startNode } from '../support/fleet.ts';
import { isFull } from '../support/full.ts';
import { natsServer } from '../support/nats-server.ts';
import * as jobs from '../fixtures/fleet/jobs.mjs';

const count = isFull ? 600 : 150;

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test.runIf(hasNats)(
  'a node that is killed is started again, and one whose starter is killed ends; each call settles once',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'offloop-crash-'));
    const server = await natsServer();
    onTestFinished(async () => {
      await endNodes();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    const start = async (): ReturnType<typeof startNode> =>
      startNode(server.servers, { threads: 2, args: ['--ack-wait', '1500'] });
    const [killed, orphan] = [await start(), await start()];
    const path = join(folder, 'runs.txt');
    await using pool = fleet({ servers: server.servers, nodeTimeout: 3000 });
    let settled = 0;
    const calls = Array.from({ length: count }, async (_, i) => {
      const id = `${i % 2 === 0 ? 'again' : 'once'}-${i}`;
      try {
        expect(await jobs.noted.with({ pool, idempotent: i % 2 === 0 })(path, id, 20)).toBe(id);
      } catch (error) {
        expect({ id, code: (error as { code?: string }).code }).toEqual({ id, code: 'ERR_OFFLOOP_WORKER_EXIT' });
        expect(id).toMatch(/^once/);
      } finally {
        settled += 1;
      }
    });
    const reached = (some: number): Promise<void> =>
      vi.waitFor(() => expect(settled).toBeGreaterThanOrEqual(some), { timeout: 60_000, interval: 5 });

    await reached(count / 6);
    const before = killed.pid;
    process.kill(before, 'SIGKILL');
    await killed.heard('ready', 2);
    expect(killed.pid).not.toBe(before);
    await reached(count / 2);
    orphan.child.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(orphan.pid)).toBe(false), { timeout: 20_000 });
    await start();
    await Promise.all(calls);

    const once = onceIn(path);
    expect(new Set(once).size).toBe(once.length);
    expect(settled).toBe(count);
    expect(await killed.stop()).toBe(0);
  },
  180_000,
);

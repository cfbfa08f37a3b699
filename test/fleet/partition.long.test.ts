/** A node whose network is gone: nothing is refused and no connection ends, there is only silence. @module */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { fleet } from 'offloop/fleet';
import { hasNats } from '../support/brokers.ts';
import { endNodes, startNode } from '../support/fleet.ts';
import { makeNamespace } from '../support/namespace.ts';
import { natsServer } from '../support/nats-server.ts';
import * as jobs from '../fixtures/fleet/jobs.mjs';

const far = hasNats ? makeNamespace() : undefined;
if (hasNats && !far) console.warn('No namespaces of the network are allowed here: left out a partition of a fleet');

test.runIf(far)(
  'a node behind a network that is gone is lost, and takes calls again once it is back',
  async () => {
    const { address, inside, part, join: rejoin, remove } = far as NonNullable<typeof far>;
    const folder = mkdtempSync(join(tmpdir(), 'offloop-partition-'));
    const server = await natsServer(['-a', address]);
    const servers = `${address}:${server.port}`;
    onTestFinished(async () => {
      await endNodes();
      await server.stop();
      remove();
      rmSync(folder, { recursive: true, force: true });
    });
    const path = join(folder, 'runs.txt');
    const runs = (): string[] => readFileSync(path, { encoding: 'utf8', flag: 'a+' }).split('\n').filter(Boolean);
    const args = ['--ack-wait', '1500'];
    const lost = await startNode(servers, { threads: 3, args, inside });
    await using pool = fleet({ servers, nodeTimeout: 3000 });
    const again = jobs.gated.with({ pool, idempotent: true })(path, 'again');
    const once = jobs.gated.with({ pool })(path, 'once');
    const items = jobs.count.with({ pool, maxSize: 4 })(1e9, undefined);
    await items.next();
    await vi.waitFor(() => expect(runs()).toHaveLength(2), { timeout: 20_000 });
    const other = await startNode(servers, { threads: 3, args });

    part();
    await expect(once).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT' });
    await expect(
      (async () => {
        for await (const item of items) void item;
      })(),
    ).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT' });
    await vi.waitFor(() => expect(runs()).toContain(`again ${other.pid}`), { timeout: 30_000 });
    writeFileSync(`${path}.go`, '');
    expect(await again).toBe('again');
    const meanwhile = await Promise.all(Array.from({ length: 10 }, async () => jobs.pid.with({ pool })()));
    expect(new Set(meanwhile)).toEqual(new Set([other.pid]));

    rejoin();
    await other.stop();
    expect(await jobs.pid.with({ pool })()).toBe(lost.pid);
    expect(runs().filter((line) => line.startsWith('once'))).toHaveLength(1);
  },
  120_000,
);

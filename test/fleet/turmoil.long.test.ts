/** Calls of uneven length over three nodes, while nodes and the server die and come back at moments that a seed gives. @module */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { fleet } from 'offloop/fleet';
import { hasNats } from '../support/brokers.ts';
import { endNodes, startNode } from '../support/fleet.ts';
import type { TestNode } from '../support/fleet.ts';
import { isFull } from '../support/full.ts';
import { natsServer } from '../support/nats-server.ts';
import type { NatsServer } from '../support/nats-server.ts';
import { randomFrom } from '../support/random.ts';
import * as jobs from '../fixtures/fleet/jobs.mjs';

const count = isFull ? 10_000 : 120;
const events = isFull ? 25 : 1;
const nodes = isFull ? 3 : 2;
const seed = Number(process.env['OFFLOOP_SEED'] ?? (isFull ? Math.floor(Math.random() * 1e6) : 1));
const folder = mkdtempSync(join(tmpdir(), 'offloop-turmoil-'));

let server: NatsServer | undefined;

afterAll(async () => {
  await endNodes();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.runIf(hasNats)('a fleet in turmoil', () => {
  test(
    `settles each call once, and runs again only what may run again (seed ${seed})`,
    async () => {
      const [random, path] = [randomFrom(seed), join(folder, 'runs.txt')];
      const started = (server = await natsServer());
      const start = async (): Promise<TestNode> =>
        startNode(started.servers, { threads: 2, args: ['--ack-wait', '1500'] });
      const serving = await Promise.all(Array.from({ length: nodes }, start));
      const pool = fleet({ servers: started.servers, nodeTimeout: 3000 });
      const settled = new Map<string, number>();
      const outcomes = { returned: 0, unknown: 0 };
      const calls: Promise<void>[] = [];
      const again = (id: string): void => void settled.set(id, (settled.get(id) ?? 0) + 1);
      const make = (i: number): void => {
        const isIdempotent = i % 2 === 0;
        const id = `${isIdempotent ? 'again' : 'once'}-${i}`;
        const call = jobs.noted.with({ pool, idempotent: isIdempotent })(path, id, random(6) === 0 ? 30 : random(5));
        calls.push(settle(id, call));
      };
      const settle = async (id: string, call: Promise<unknown>): Promise<void> => {
        try {
          expect(await call).toBe(id);
          outcomes.returned += 1;
        } catch (error) {
          outcomes.unknown += 1;
          // What may run again always comes to its end.
          expect({ id, code: (error as { code?: string }).code }).toEqual({ id, code: 'ERR_OFFLOOP_WORKER_EXIT' });
          expect(id).toMatch(/^once/);
        } finally {
          again(id);
        }
      };

      let made = 0;
      for (let event = 0; event < events; event += 1) {
        for (const end = Math.ceil((count * (event + 1)) / events); made < end; made += 1) make(made);
        await Promise.race([sleep(200 + random(1500)), Promise.all(calls)]);
        const which = random(nodes);
        if (random(3) === 0) {
          await started.kill();
          await sleep(random(800));
          await started.start();
        } else {
          await (serving[which] as TestNode).kill();
          serving[which] = await start();
        }
      }
      await Promise.all(calls);

      expect(settled.size).toBe(count);
      expect([...settled.values()].every((times) => times === 1)).toBe(true);
      const runs = new Map<string, number>();
      for (const line of readFileSync(path, 'utf8').split('\n').filter(Boolean)) {
        const [id = ''] = line.split(' ');
        runs.set(id, (runs.get(id) ?? 0) + 1);
      }
      expect([...runs].filter(([id, times]) => id.startsWith('once') && times > 1)).toEqual([]);
      expect(outcomes.returned).toBeGreaterThan(count / 2);
      await pool.close();
      for (const node of serving) await node.stop();
    },
    isFull ? 900_000 : 60_000,
  );
});

/** A fleet over a cluster of three servers that keep three copies of each queue. @module */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { fleet } from 'offloop/fleet';
import { hasNats } from '../support/brokers.ts';
import { endNodes, onceIn, startNode } from '../support/fleet.ts';
import { isFull } from '../support/full.ts';
import { freePort, natsServer } from '../support/nats-server.ts';
import type { NatsServer } from '../support/nats-server.ts';
import * as jobs from '../fixtures/fleet/jobs.mjs';

const names = ['one', 'two', 'three'];
const count = isFull ? 400 : 80;
const servers: NatsServer[] = [];
let folder: string;

beforeAll(async () => {
  if (!hasNats) return;
  folder = mkdtempSync(join(tmpdir(), 'offloop-cluster-'));
  const ports = await Promise.all(names.map(async () => freePort()));
  const routes = ports.map((port) => `nats://127.0.0.1:${port}`).join(',');
  for (const [i, name] of names.entries()) {
    const cluster = ['-n', name, '--cluster_name', 'fleet', '--cluster', `nats://127.0.0.1:${ports[i]}`];
    servers.push(await natsServer([...cluster, '--routes', routes]));
  }
});

afterAll(async () => {
  if (!hasNats) return;
  await endNodes();
  await Promise.all(servers.map(async (server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
});

const addresses = (): string[] => servers.map((it) => it.servers);

/** The server that leads the queue of `prefix`, and how many copies of it there are. */
async function leaderOf(prefix: string): Promise<{ readonly leader: number; readonly copies: number }> {
  const connection = await connect({ servers: addresses() });
  const manager = await jetstreamManager(connection);
  const found = await vi.waitFor(
    async () => {
      const streams = await manager.streams.list().next();
      const stream = streams.find(({ config }) => config.name.startsWith(prefix));
      expect(stream?.cluster?.leader).toBeDefined();
      const { config, cluster } = stream as NonNullable<typeof stream>;
      return { leader: names.indexOf(String(cluster?.leader)), copies: config.num_replicas };
    },
    { timeout: 20_000, interval: 200 },
  );
  await connection.close();
  return found;
}

describe.runIf(hasNats)('a fleet over a cluster', () => {
  test('settles each call once while the server that leads its queue is killed and comes back', async () => {
    const [prefix, path] = ['clustered', join(folder, 'runs.txt')];
    const start = async (): ReturnType<typeof startNode> =>
      startNode(addresses().join(','), { threads: 2, args: ['--prefix', prefix, '--ack-wait', '3000'] });
    // The nodes are first, and know nothing of copies.
    await Promise.all([start(), start()]);
    const pool = fleet({ servers: addresses(), prefix, nodeTimeout: 10_000, stream: { num_replicas: 3 } });
    expect(await jobs.add.with({ pool })(1, 2)).toBe(3);
    const { leader, copies } = await leaderOf(prefix);
    expect(copies).toBe(3);

    const calls = Array.from({ length: count }, async (_, i) =>
      jobs.noted.with({ pool, idempotent: i % 2 === 0 })(path, `${i % 2 === 0 ? 'again' : 'once'}-${i}`, 30),
    );
    await Promise.race(calls);
    await (servers[leader] as NatsServer).kill();
    const outcomes = await Promise.allSettled(calls);
    await (servers[leader] as NatsServer).start();

    const failed = outcomes.flatMap((it, i) => (it.status === 'rejected' ? [[i % 2, it.reason as object]] : []));
    // What may run again always comes to its end.
    for (const it of failed) expect(it).toMatchObject([1, { code: 'ERR_OFFLOOP_WORKER_EXIT' }]);
    expect(failed.length).toBeLessThan(count / 4);
    const once = onceIn(path);
    expect(new Set(once).size).toBe(once.length);
    expect(await jobs.add.with({ pool })(20, 22)).toBe(42);
    await pool.close();
  }, 180_000);
});

/** A monitor of a fleet: its nodes in samples, in the figures and in a terminal. @module */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fleet } from 'offloop/fleet';
import type { Fleet } from 'offloop/fleet';
import { monitor } from 'offloop/monitor';
import type { Sample } from 'offloop/monitor';
import { hasNats } from '../support/brokers.ts';
import { endNodes, startNode } from '../support/fleet.ts';
import type { TestNode } from '../support/fleet.ts';
import { natsServer } from '../support/nats-server.ts';
import type { NatsServer } from '../support/nats-server.ts';
import { root, run } from '../support/run.ts';
import { join } from 'node:path';
import * as jobs from '../fixtures/fleet/jobs.mjs';

let server: NatsServer;
let node: TestNode;
let pool: Fleet;

beforeAll(async () => {
  if (!hasNats) return;
  server = await natsServer();
  node = await startNode(server.servers, { threads: 3 });
  pool = fleet({ servers: server.servers, name: 'far' });
  await jobs.add.with({ pool })(1, 2);
  await jobs.fail
    .with({ pool })(1)
    .catch(() => undefined);
});

afterAll(async () => {
  if (!hasNats) return;
  await pool.close();
  await endNodes();
  await server.stop();
});

describe.runIf(hasNats)('a monitor of a fleet', () => {
  test('has its nodes in each sample, and what they have done', async () => {
    await using page = await monitor(pool).listen();
    const response = await fetch(`${page.url}events`, { headers: { accept: 'application/x-ndjson' } });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const { value } = await reader.read();
    await reader.cancel();
    const [sample] = (JSON.parse(new TextDecoder().decode(value).split('\n')[0] as string) as Sample).pools;

    expect(sample).toMatchObject({
      name: 'far',
      size: 3,
      threads: 3,
      completed: 1,
      failed: 1,
      nodes: [{ id: node.id, pid: node.pid, threads: 3, completed: 1, failed: 1 }],
    });
  });

  test('has its figures in the text for Prometheus', async () => {
    await using own = fleet({ servers: server.servers, name: 'far' });
    await jobs.add.with({ pool: own })(1, 2);
    using pages = monitor(own);
    const request = new Request('http://localhost:4000/metrics', { headers: { host: 'localhost:4000' } });
    const read = async (): Promise<string> => pages(request, '127.0.0.1').text();

    // Who reads them asks the nodes, whose answers are in the figures after that.
    await expect.poll(read, { timeout: 10_000 }).toContain('offloop_nodes{pool="far"} 1');
    const text = await read();
    expect(text).toContain('offloop_threads{pool="far"} 3');
    expect(text).toContain('offloop_calls_total{pool="far",outcome="returned"} 1');
  });

  test('is shown in a terminal', async () => {
    await using page = await monitor(pool).listen();
    const main = join(root, 'dist/lib/src/programs/cli/main.js');
    const { code, stdout } = await run(main, { args: ['top', page.url, '--once'] });

    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`node +process +threads[^\\n]+\\n.* ${node.pid} +3 `));
  });

  test('does not wait for nodes if there is no server', async () => {
    const nobody = fleet({ servers: '127.0.0.1:1', connectTimeout: 1, name: 'nobody' });
    await using page = await monitor(nobody).listen();
    const response = await fetch(`${page.url}health`);

    expect(response.status).toBe(200);
    await nobody.close();
  });
});

/** Fleets over a server that asks who somebody is, by a connection that nobody else reads. @module */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fleet } from 'offloop/fleet';
import { hasNats } from '../support/brokers.ts';
import { endNodes, startNode } from '../support/fleet.ts';
import { natsServer } from '../support/nats-server.ts';
import type { NatsServer } from '../support/nats-server.ts';
import { fixture } from '../support/run.ts';
import * as jobs from '../fixtures/fleet/jobs.mjs';

const [cert, key] = [fixture('tls/cert.pem'), fixture('tls/key.pem')];
const connection = { user: 'ada', pass: 'secret', tls: { caFile: cert } };

describe.runIf(hasNats)('a server with TLS, a password and small messages', () => {
  let server: NatsServer;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'offloop-secure-'));
    writeFileSync(join(folder, 'connection.json'), JSON.stringify(connection));
    writeFileSync(join(folder, 'server.conf'), 'max_payload: 65536\n');
    server = await natsServer([
      '-c',
      join(folder, 'server.conf'),
      '--tls',
      '--tlscert',
      cert,
      '--tlskey',
      key,
      '--user',
      'ada',
      '--pass',
      'secret',
    ]);
    await startNode(server.servers, { args: ['--connection', join(folder, 'connection.json')] });
  });

  afterAll(async () => {
    await endNodes();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('runs the calls of a program that knows both', async () => {
    await using pool = fleet({ servers: server.servers, connection });

    expect(await jobs.add.with({ pool })(1, 2)).toBe(3);
  });

  test('carries more bytes than a message may have, also in calls that are made before that is known', async () => {
    await using pool = fleet({ servers: server.servers, connection });
    const bytes = new Uint8Array(300_000).fill(7);

    for (const _ of ['not known', 'known']) {
      // One after the other.
      // oxlint-disable-next-line no-await-in-loop
      expect(Buffer.compare(await jobs.same.with({ pool })(bytes), bytes)).toBe(0);
    }
    const items: number[] = [];
    for await (const item of jobs.each.with({ pool })([bytes, bytes])) items.push((item as Uint8Array).length);
    expect(items).toEqual([300_000, 300_000]);
  });

  test.each([
    ['has another password', { ...connection, pass: 'guessed' }],
    ['has none', { tls: connection.tls }],
    ['does not trust the server', { user: 'ada', pass: 'secret', tls: {} }],
  ])('refuses one that %s, with a code', async (_, given) => {
    await using pool = fleet({ servers: server.servers, connection: given, connectTimeout: 1000, queueTimeout: 5000 });

    await expect(jobs.add.with({ pool })(1, 2)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_BROKER' });
  });

  test('refuses a node that has another password, which says so and exits with 1', async () => {
    writeFileSync(join(folder, 'wrong.json'), JSON.stringify({ ...connection, pass: 'guessed' }));
    const node = await startNode(server.servers, {
      args: ['--connection', join(folder, 'wrong.json')],
      isReady: false,
    });

    expect(await node.ended).toBe(1);
    expect(node.printed.stdout + node.printed.stderr).toMatch(/ERR_OFFLOOP_BROKER|Authorization/i);
  });
});

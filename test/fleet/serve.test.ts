/** `offloop serve` as a citizen: its log, its signals, its exit codes, what the tools of NATS see of it, and who may do what. @module */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { fleet } from 'offloop/fleet';
import { toBytes } from '../../src/codec/bytes/bytes.ts';
import { codeOf } from '../../src/fleet/code/code.ts';
import { encodeFrame, format, Op } from '../../src/fleet/values/frame.ts';
import { lineOf } from '../../src/programs/serve/log.ts';
import { parseCommand } from '../../dist/src/programs/cli/args.js';
import { hasNats } from '../support/brokers.ts';
import { endNodes, startNode } from '../support/fleet.ts';
import type { TestNode } from '../support/fleet.ts';
import { isFull } from '../support/full.ts';
import { natsServer } from '../support/nats-server.ts';
import type { NatsServer } from '../support/nats-server.ts';
import { fixture, root, run } from '../support/run.ts';
import * as jobs from '../fixtures/fleet/jobs.mjs';

const library = pathToFileURL(join(root, 'dist/lib/src/index.js')).href;
const cli = join(root, 'dist/lib/src/programs/cli/main.js');
let server: NatsServer;
let folder: string;

beforeAll(async () => {
  if (!hasNats) return;
  folder = mkdtempSync(join(tmpdir(), 'offloop-serve-'));
  server = await natsServer();
});

afterAll(async () => {
  if (!hasNats) return;
  await endNodes();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

let last = 0;
const file = (): string => {
  last += 1;
  return join(folder, `${last}.txt`);
};

const linesOf = (path: string): string[] => {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
};

describe('the command serve', () => {
  test('has options with defaults', () => {
    expect(parseCommand(['serve', 'a.mjs', '--threads', '3', '--nats', 'a:1,b:2'])).toMatchObject({
      name: 'serve',
      options: { modules: ['a.mjs'], threads: 3, servers: ['a:1', 'b:2'], prefix: 'offloop', deadline: 30_000 },
    });
    expect(parseCommand(['serve', '--help'])).toEqual({ name: 'help' });
  });

  test.each([[[]], [['a', '--threads', '0']], [['a', '--prefix', 'a.b']], [['a', '--ack-wait', '10']], [['a', '--x']]])(
    'refuses %j',
    (args) => {
      expect(() => parseCommand(['serve', ...args])).toThrow('see "offloop help"');
    },
  );

  test('writes a line for each event, in words or as JSON, whatever is in its facts', () => {
    const event = { event: 'refused', caller: 'ann', why: 'no "x"\nat all', modules: ['a', 'b'] };

    expect(lineOf(event, false)).toMatch(
      /^\d{4}-\d\d-\d\dT\S+ \d+ refused caller=ann why="no \\"x\\"\\nat all" modules=a,b$/,
    );
    expect(JSON.parse(lineOf(event, true))).toEqual({ ...event, time: expect.any(String) as string, pid: process.pid });
  });

  test.runIf(isFull)(
    'exits with 1 if a module cannot be served, with 2 if it is told nonsense, and says why',
    async () => {
      const [missing, empty, wrong, help] = await Promise.all([
        run(cli, { args: ['serve', './none.mjs'] }),
        run(cli, { args: ['serve', fixture('topics/memory.mjs')] }),
        run(cli, { args: ['serve', './none.mjs', '--threads', '0'] }),
        run(cli, { args: ['serve', '--help'] }),
      ]);

      expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('--threads') as string });
      expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('--drain') as string });

      expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('none.mjs') as string });
      expect(empty).toMatchObject({ code: 1, stderr: expect.stringContaining('wraps no function') as string });
    },
  );
});

describe.runIf(hasNats)('a node that is told to end', () => {
  test('answers the calls that it has, takes no more, and exits with 0', async () => {
    const [path, prefix] = [file(), 'drained'];
    const node = await startNode(server.servers, { args: ['--prefix', prefix] });
    const pool = fleet({ servers: server.servers, prefix });
    const running = jobs.gated.with({ pool })(path, 'runs');
    await vi.waitFor(() => expect(linesOf(path)).toHaveLength(1), { timeout: 20_000 });
    const code = node.stop();
    await node.heard('draining');
    const later = jobs.noted.with({ pool, queueTimeout: 300 })(path, 'later', 0);

    await expect(later).rejects.toMatchObject({ code: expect.stringMatching(/NO_NODE|QUEUE_TIMEOUT/) as string });
    writeFileSync(`${path}.go`, '');
    expect(await running).toBe('runs');
    expect(await code).toBe(0);
    expect(linesOf(path)).toHaveLength(1);
    expect(node.log.map(({ event }) => event)).toEqual(['ready', 'draining', 'stopped']);
    expect(node.log[1]).toMatchObject({ why: 'SIGTERM' });
    await pool.close();
  });

  test.runIf(isFull)('ends the calls that run longer than its deadline, and exits with 1', async () => {
    const [path, prefix] = [file(), 'hurried'];
    const node = await startNode(server.servers, { args: ['--prefix', prefix, '--drain', '1'] });
    const pool = fleet({ servers: server.servers, prefix });
    const endless = jobs.gated.with({ pool })(path, 'runs');
    const settled = endless.catch((error: unknown) => error);
    await vi.waitFor(() => expect(linesOf(path)).toHaveLength(1), { timeout: 20_000 });

    expect(await node.stop()).toBe(1);
    expect(await settled).toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT' });
    expect(await settled).toHaveProperty('message', expect.stringContaining('stopped'));
    await pool.close();
  });
});

describe.runIf(hasNats && isFull)('a node, when something is wrong', () => {
  test('ends at its deadline although the server is away, and exits with 1', async () => {
    const [other, path] = [await natsServer(), file()];
    const node = await startNode(other.servers, { args: ['--drain', '1'] });
    const controller = new AbortController();
    const pool = fleet({ servers: other.servers });
    const running = jobs.gated.with({ pool, signal: controller.signal })(path, 'runs');
    await vi.waitFor(() => expect(linesOf(path)).toHaveLength(1), { timeout: 20_000 });

    await other.kill();
    expect(await node.stop()).toBe(1);
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await pool.close();
    await other.stop();
  });

  test('goes on with the code that it has if the new one cannot be served', async () => {
    const prefix = 'kept';
    const module = join(folder, 'kept.mjs');
    const text = readFileSync(fixture('fleet/jobs.mjs'), 'utf8').replace("'offloop'", JSON.stringify(library));
    writeFileSync(module, text);
    const node = await startNode(server.servers, { modules: [module], args: ['--prefix', prefix] });
    const { add } = (await import(module)) as typeof jobs;
    await using pool = fleet({ servers: server.servers, prefix });
    expect(await add.with({ pool })(1, 2)).toBe(3);
    writeFileSync(module, 'throw new Error("no such thing");');

    node.child.kill('SIGHUP');
    expect(await node.heard('not reloaded')).toMatchObject({ why: expect.any(String) as string });
    expect(await add.with({ pool })(20, 22)).toBe(42);
    expect(await node.stop()).toBe(0);
  });
});

describe.runIf(hasNats)('a node, seen from outside', () => {
  let node: TestNode;
  let connection: NatsConnection;
  const hash = codeOf(new URL('../fixtures/fleet/jobs.mjs', import.meta.url).href);

  beforeAll(async () => {
    node = await startNode(server.servers, { args: ['--prefix', 'seen', '--monitor', '0'] });
    connection = await connect({ servers: server.servers });
  });

  afterAll(async () => {
    await connection.close();
    await node.stop();
  });

  test.each(['PING', 'INFO', 'STATS'] as const)('answers $SRV.%s as the services of NATS do', async (kind) => {
    const { data } = await connection.request(`$SRV.${kind}.seen`, '', { timeout: 2000 });
    const told = JSON.parse(new TextDecoder().decode(data)) as Record<string, unknown>;

    const text = expect.any(String) as string;
    const count = expect.toSatisfy((it) => Number.isSafeInteger(it) && Number(it) >= 0) as number;
    const endpoint = { name: expect.stringMatching(/^[\w-]+$/) as string, subject: `seen.calls.${hash.hash}` };
    const figures = { num_requests: count, num_errors: count, processing_time: count, average_processing_time: count };
    const more = {
      PING: {},
      INFO: { description: text, endpoints: [{ ...endpoint, queue_group: text, metadata: {} }] },
      STATS: {
        started: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
        endpoints: [
          { ...endpoint, ...figures, queue_group: text, last_error: text, data: expect.any(Object) as object },
        ],
      },
    };
    // All that the protocol has, and nothing else.
    expect(told).toEqual({
      type: `io.nats.micro.v1.${kind.toLowerCase()}_response`,
      name: 'seen',
      id: node.id,
      version: expect.stringMatching(/^\d+\.\d+\.\d+(?:[-+].*)?$/) as string,
      metadata: expect.toSatisfy((it: object) =>
        Object.values(it).every((value) => typeof value === 'string'),
      ) as object,
      ...more[kind],
    });
  });

  test('has a queue on the disk for the hash of its code, from which each call is taken once', async () => {
    const manager = await jetstreamManager(connection);
    const { config } = await manager.streams.info(`seen-calls-${hash.hash}`);
    const consumer = await manager.consumers.info(config.name, 'nodes');

    expect(config).toMatchObject({
      storage: 'file',
      retention: 'workqueue',
      subjects: [`seen.calls.${hash.hash}`],
    });
    expect(consumer.config).toMatchObject({ ack_policy: 'explicit', max_deliver: 10 });
  });

  /** Puts `bytes` into the queue of the node, and waits until the node has refused them. */
  async function refused(bytes: Uint8Array): Promise<string> {
    const before = node.log.filter(({ event }) => event === 'refused').length;
    await connection.request(`seen.calls.${hash.hash}`, bytes, { timeout: 2000 });
    const line = await node.heard('refused', before + 1);
    return String(line['why']);
  }

  const key = (name: string, more: object = {}): Uint8Array =>
    toBytes({
      index: 0,
      name,
      signature: 'Function/0',
      hash: 'x',
      signatures: [],
      top: true,
      at: '',
      twins: undefined,
      ...more,
    });
  const order = (facts: readonly unknown[], body: unknown = [[], undefined]): Uint8Array =>
    encodeFrame(Op.call, 1, [format, 'somebody', ...facts], toBytes(body));
  const plain = [true, false, 1000, undefined, 1000, 0];

  test.each([
    ['nothing', new Uint8Array(0)],
    ['noise', new Uint8Array([0, 0, 0, 9, 1, 2, 3])],
    ['a frame of another kind', encodeFrame(Op.abort, 1, [])],
    ['another version of the format', encodeFrame(Op.call, 1, [99, 'somebody', key('add'), ...plain])],
    ['a caller that is no word', encodeFrame(Op.call, 1, [format, 'a.>', key('add'), ...plain])],
    ['a key that is none', order([toBytes({ name: 'add' }), ...plain])],
    ['a function that is not served', order([key('constructor'), ...plain])],
    ['a function of Node.js', order([key('exit', { signature: 'Function/1' }), ...plain])],
  ])('runs nothing for %s, and lives on', async (_, bytes) => {
    expect(await refused(bytes)).toMatch(/Cannot (?:read|find)/);
  });

  test('lets no bytes change a prototype, there or here', async () => {
    await using pool = fleet({ servers: server.servers, prefix: 'seen' });
    const value = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as object;

    const copy = (await jobs.same.with({ pool })(value)) as object;
    expect(Object.hasOwn(copy, '__proto__')).toBe(true);
    expect(copy).toEqual(value);
    expect(await jobs.polluted.with({ pool })()).toBe(false);
    expect({}).not.toHaveProperty('polluted');
  });

  test('shows its threads on a page of its own', async () => {
    const { url } = await node.heard('monitor');
    const [health, metrics] = await Promise.all([fetch(`${String(url)}health`), fetch(`${String(url)}metrics`)]);

    expect(health.status).toBe(200);
    expect(await metrics.text()).toContain(`offloop_threads{pool="node ${node.id}"} 1`);
  });
});

/** Nodes that are not there, have other code, are busy, die or freeze; queues that give up. @module */

import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JsMsg } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { WorkerExitError } from 'offloop';
import { fleet } from 'offloop/fleet';
import type { Fleet, FleetOptions } from 'offloop/fleet';
import { hasNats } from '../support/brokers.ts';
import { endNodes, startNode } from '../support/fleet.ts';
import { isFull } from '../support/full.ts';
import { natsServer } from '../support/nats-server.ts';
import type { NatsServer } from '../support/nats-server.ts';
import { fixture, root } from '../support/run.ts';
import * as jobs from '../fixtures/fleet/jobs.mjs';

let server: NatsServer;
let folder: string;
const fleets: Fleet[] = [];

beforeAll(async () => {
  if (!hasNats) return;
  folder = mkdtempSync(join(tmpdir(), 'offloop-fleet-'));
  server = await natsServer();
});

async function end(): Promise<void> {
  await endNodes();
  await Promise.all(fleets.splice(0).map(async (it) => it.close()));
}

if (isFull) afterEach(end);

afterAll(async () => {
  if (!hasNats) return;
  await end();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Most of these tests wait for something, and none sees the nodes of another: the few of the short form wait together. */
const suite = isFull || !hasNats ? describe.runIf(hasNats) : describe.concurrent;

let last = 0;

/** A word, of which each test has its own: its fleet knows no other. */
function word(): string {
  last += 1;
  return `p${process.pid}-${last}`;
}

function make(prefix: string, options: FleetOptions = {}): Fleet {
  const made = fleet({ servers: server.servers, prefix, nodeTimeout: 2000, ...options });
  fleets.push(made);
  return made;
}

const node = (prefix: string, more: readonly string[] = [], settings = {}): ReturnType<typeof startNode> =>
  startNode(server.servers, { args: ['--prefix', prefix, '--ack-wait', '1000', ...more], ...settings });

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

const said = (path: string, lines = 1): Promise<void> =>
  vi.waitFor(() => expect(linesOf(path).length).toBeGreaterThanOrEqual(lines), { timeout: 20_000, interval: 10 });

suite('a call without a node', () => {
  test('rejects after its queueTimeout, and says that no node serves the module', async () => {
    const waiting = jobs.add.with({ pool: make(word()), queueTimeout: 100 })(1, 2);

    await expect(waiting).rejects.toMatchObject({ code: 'ERR_OFFLOOP_NO_NODE' });
    await expect(waiting).rejects.toThrow('no node serves offloop/test/fixtures/fleet/jobs.mjs');
  });

  test('waits for a node, and does not run if it was given up meanwhile', async () => {
    const [prefix, path, controller] = [word(), file(), new AbortController()];
    const pool = make(prefix);
    const gone = jobs.noted.with({ pool, signal: controller.signal })(path, 'gone', 0);
    const waiting = jobs.noted.with({ pool })(path, 'waits', 0);
    await vi.waitFor(() => expect(pool.stats()).toMatchObject({ queued: 2, busy: 0 }));
    controller.abort(new Error('changed my mind'));
    await expect(gone).rejects.toThrow('changed my mind');

    await node(prefix);
    expect(await waiting).toBe('waits');
    expect(linesOf(path)).toHaveLength(1);
  });

  test.runIf(isFull)('says that all nodes are busy, if that is why', async () => {
    const [prefix, path] = [word(), file()];
    const pool = make(prefix);
    await node(prefix);
    const running = jobs.noted.with({ pool })(path, 'runs', 1500);
    await said(path);

    await expect(jobs.add.with({ pool, queueTimeout: 100 })(1, 2)).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_QUEUE_TIMEOUT',
    });
    await running;
  });
});

suite('another version of the code', () => {
  /** A package with the module of jobs, whose `version` gives `text`. */
  function version(name: string, text: string): string {
    const at = join(folder, name);
    mkdirSync(join(at, 'node_modules'), { recursive: true });
    symlinkSync(root, join(at, 'node_modules/offloop'), 'dir');
    writeFileSync(join(at, 'package.json'), '{ "name": "versions", "type": "module" }');
    writeFileSync(join(at, 'word.mjs'), `export const word = '${text}';\n`);
    const module = join(at, 'jobs.mjs');
    writeFileSync(
      module,
      `import { threaded } from 'offloop';\nimport { word } from './word.mjs';\nexport const version = threaded(function version() { return word; });\n`,
    );
    return module;
  }

  type Jobs = { readonly version: typeof jobs.pid };
  const jobsIn = async (path: string): Promise<Jobs> => (await import(pathToFileURL(path).href)) as Jobs;

  test('is never called: the error names both', async () => {
    const [prefix, old, next] = [word(), version('a-old', 'one'), version('a-next', 'two')];
    await node(prefix, [], { modules: [old] });
    const { version: call } = await jobsIn(next);

    const refused = call.with({ pool: make(prefix), queueTimeout: 200 })();
    await expect(refused).rejects.toMatchObject({ code: 'ERR_OFFLOOP_NO_NODE' });
    await expect(refused).rejects.toThrow(
      /other code of versions\/jobs\.mjs: [\da-f]{20} \([\w-]+\), and here it is [\da-f]{20}/,
    );
  });

  test.runIf(isFull)('is served beside this one, and from another folder', async () => {
    const [prefix, old, next] = [word(), version('b-old', 'one'), version('b-next', 'two')];
    cpSync(join(folder, 'b-old'), join(folder, 'elsewhere/b'), { recursive: true, verbatimSymlinks: true });
    await Promise.all([
      node(prefix, [], { modules: [join(folder, 'elsewhere/b/jobs.mjs')] }),
      node(prefix, [], { modules: [next] }),
    ]);
    const [one, two] = [await jobsIn(old), await jobsIn(next)];
    const pool = make(prefix);

    const found = await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? one : two).version.with({ pool })()),
    );
    expect(found).toEqual(Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? 'one' : 'two')));
  });

  test('is read at SIGHUP, and no call is dropped', async () => {
    const [prefix, path, module] = [word(), file(), version('c', 'one')];
    const served = await node(prefix, [], { modules: [module, fixture('fleet/jobs.mjs')] });
    const pool = make(prefix);
    const running = jobs.noted.with({ pool })(path, 'runs', 700);
    await said(path);
    cpSync(join(folder, 'c'), join(folder, 'c-next'), { recursive: true, verbatimSymlinks: true });
    for (const at of ['c', 'c-next']) writeFileSync(join(folder, at, 'word.mjs'), `export const word = 'two';\n`);

    served.child.kill('SIGHUP');
    await served.heard('ready', 2);
    expect(await running).toBe('runs');
    expect(await (await jobsIn(join(folder, 'c-next/jobs.mjs'))).version.with({ pool })()).toBe('two');
    expect(await served.stop()).toBe(0);
  });
});

suite('a node that is lost in a call', () => {
  test.each(isFull ? ['killed', 'frozen'] : ['killed'])(
    '%s: what is idempotent runs on another, the rest rejects',
    async (how) => {
      const [prefix, path] = [word(), file()];
      const pool = make(prefix);
      const first = await node(prefix, [], { threads: 2 });
      const [again, once] = [
        jobs.gated.with({ pool, idempotent: true })(path, 'again'),
        jobs.gated.with({ pool })(path, 'once'),
      ];
      await said(path, 2);
      const second = await node(prefix, [], { threads: 2 });

      if (how === 'killed') await first.kill();
      else first.freeze();
      await expect(once).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT' });
      await expect(once).rejects.toBeInstanceOf(WorkerExitError);
      await expect(once).rejects.toThrow('outcome of gated is unknown');
      writeFileSync(`${path}.go`, '');
      expect(await again).toBe('again');
      const runs = linesOf(path).map((line) => line.split(' '));
      expect(runs.filter(([id]) => id === 'once')).toHaveLength(1);
      expect(runs.filter(([id, pid]) => id === 'again' && Number(pid) === second.pid)).toHaveLength(1);
      expect(await jobs.pid.with({ pool })()).toBe(second.pid);
    },
  );

  test.runIf(isFull)('frozen and thawed: it takes calls again, and its late answer is dropped', async () => {
    const [prefix, path] = [word(), file()];
    const pool = make(prefix);
    const only = await node(prefix);
    const lost = jobs.gated.with({ pool })(path, 'lost');
    await said(path);

    only.freeze();
    await expect(lost).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT' });
    writeFileSync(`${path}.go`, '');
    only.thaw();
    expect(await jobs.pid.with({ pool })()).toBe(only.pid);
    expect(pool.stats()).toMatchObject({ completed: 1, failed: 1, busy: 0, queued: 0 });
    expect(linesOf(path)).toHaveLength(1);
  });
});

describe.runIf(hasNats && isFull)('three nodes', () => {
  test('share calls of uneven length: one that is busy is given none', async () => {
    const [prefix, path] = [word(), file()];
    const pool = make(prefix);
    const nodes = await Promise.all([node(prefix), node(prefix), node(prefix)]);
    const long = jobs.gated.with({ pool })(path, 'long');
    await said(path);
    const [, busy] = (linesOf(path)[0] as string).split(' ').map(Number);

    const pids = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => jobs.busy.with({ pool })(10 + (i % 4) * 10)),
    );
    const others = nodes.map(({ pid }) => pid).filter((pid) => pid !== busy);
    expect(new Set(pids)).toEqual(new Set(others));
    for (const other of others) expect(pids.filter((pid) => pid === other).length).toBeGreaterThan(8);
    writeFileSync(`${path}.go`, '');
    expect(await long).toBe('long');
  });
});

suite('a node that says nothing', () => {
  /** Takes calls from the queue of `prefix` as a node does, and tells nobody. */
  async function silent(prefix: string, pool: Fleet): Promise<{ next(): Promise<JsMsg | null>; end(): Promise<void> }> {
    await vi.waitFor(() => expect(pool.stats().queued).toBeGreaterThan(0));
    const connection = await connect({ servers: server.servers });
    const manager = await jetstreamManager(connection);
    const name = await vi.waitFor(async () => {
      const streams = await manager.streams.list().next();
      const found = streams.map(({ config }) => config.name).find((it) => it.startsWith(prefix));
      expect(found).toBeDefined();
      return found as string;
    });
    await manager.consumers.add(name, { durable_name: 'nodes', ack_policy: 'explicit', max_deliver: 10 });
    const consumer = await jetstream(connection).consumers.get(name, 'nodes');
    return { next: async () => consumer.next({ expires: 5000 }), end: async () => connection.close() };
  }

  test('may have begun a call: it does not count as one that no node has taken, unless it may run again', async () => {
    const prefix = word();
    const pool = make(prefix);
    const once = jobs.add.with({ pool, queueTimeout: 1500 })(1, 2);
    const again = jobs.add.with({ pool, queueTimeout: 1500, idempotent: true })(1, 2);
    const left = jobs.add.with({ pool, queueTimeout: 1500 })(1, 2);
    const settled = Promise.allSettled([once, again, left]);
    const node = await silent(prefix, pool);
    await node.next();
    await node.next();

    const reasons = (await settled).map((it) => (it.status === 'rejected' ? (it.reason as object) : it));
    expect(reasons).toMatchObject([
      { code: 'ERR_OFFLOOP_WORKER_EXIT', message: expect.stringContaining('outcome of add is unknown') as string },
      { code: 'ERR_OFFLOOP_NO_NODE' },
      { code: 'ERR_OFFLOOP_NO_NODE' },
    ]);
    expect(reasons[0]).toBeInstanceOf(WorkerExitError);
    await node.end();
  });

  test('ten times over: its queue gives the call up, and it rejects', async () => {
    const prefix = word();
    const pool = make(prefix);
    const settled = jobs.add
      .with({ pool, idempotent: true })(1, 2)
      .catch((error: unknown) => error);
    const node = await silent(prefix, pool);
    for (let i = 0; i < 10; i += 1) (await node.next())?.nak();
    void node.next();

    expect(await settled).toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT' });
    expect(await settled).toHaveProperty('message', expect.stringContaining('its queue gives it up'));
    await node.end();
  });
});

/** Topics over a real NATS server that dies, freezes and is cut off. @module */

import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nats } from 'offloop/nats';
import type { NatsOptions } from 'offloop/nats';
import { stream } from 'offloop/streams';
import { topic } from 'offloop/topics';
import type { Topic, TopicOptions } from 'offloop/topics';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { isFull } from '../support/full.ts';
import { hasNats, unique } from '../support/brokers.ts';
import { cuttable } from '../support/cut.ts';
import { later } from '../support/later.ts';
import { freePort, natsServer } from '../support/nats-server.ts';
import type { NatsServer } from '../support/nats-server.ts';
import { project } from '../support/project.ts';
import { root, run } from '../support/run.ts';

const coded = (code: string): object => expect.objectContaining({ code }) as object;

// A line says that the server is missing, and CI fails then.
describe.skipIf(/* needs a server, which CI has */ !hasNats)('a topic over NATS', () => {
  let server: NatsServer;
  const open = new Set<{ close(): Promise<void> }>();
  beforeAll(async () => void (server = await natsServer()));
  afterAll(async () => server.stop());
  afterEach(async () => {
    for (const it of open) await it.close();
    open.clear();
  });

  const made = (
    name: string,
    options: Omit<TopicOptions<number>, 'transport'> = {},
    client: NatsOptions = {},
  ): Topic<number> => {
    const transport = nats({ servers: server.servers, ...client });
    const it = topic<number>(name, { transport, ...options });
    open.add({
      async close() {
        await it.close({ timeout: 0 });
        await transport.close();
      },
    });
    return it;
  };

  test('stores once, and in order, what is sent while the server is away', async () => {
    const it = made(unique('outage'), { start: 'first', group: 'g' });
    await it({ value: 0 });
    await server.kill();
    const sent = Array.from({ length: 20 }, async (_, n) => it({ value: n + 1 }));
    await sleep(100);
    await server.start();
    const placed = await Promise.all(sent);

    expect(placed.map(({ position }) => position)).toEqual(Array.from({ length: 20 }, (_, n) => n + 2));
    const seen: number[] = [];
    for await (const n of stream(it)) if (seen.push(n) === 21) break;
    expect(seen).toEqual(Array.from({ length: 21 }, (_, n) => n));
  });

  test('goes on by itself after the server has died, and says so', async () => {
    const it = made(unique('killed'), { group: 'g' });
    for (let n = 0; n < 10; n += 1) await it({ value: n });
    const events = it[Symbol.asyncIterator]();
    const acked: number[] = [];
    const take = async (): Promise<void> => {
      const { value: event } = await events.next();
      await event?.ack();
      acked.push(event?.value ?? -1);
    };
    for (let n = 0; n < 5; n += 1) await take();
    await server.kill();
    await expect.poll(() => it.stats().isConnected).toBe(false);
    await server.start();
    for (let n = 0; n < 5; n += 1) await take();

    expect(acked.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(it.stats()).toMatchObject({ isConnected: true, losses: 1 });
    expect((await it.errors.subscribe().next()).value).toMatchObject({ code: 'ERR_OFFLOOP_BROKER' });
    await it({ value: 10 });
    await take();
    expect(acked.at(-1)).toBe(10);
  });

  test('waits for a server that is frozen', async () => {
    const it = made(unique('frozen'), { group: 'g' });
    const events = it[Symbol.asyncIterator]();
    await it({ value: 1 });
    server.freeze();
    const sent = it({ value: 2 });
    await sleep(300);
    server.thaw();
    await sent;

    expect((await events.next()).value?.value).toBe(1);
    expect((await events.next()).value?.value).toBe(2);
  });

  test('goes on after it was cut off', async () => {
    const way = await cuttable(server.port);
    onTestFinished(() => way.close());
    const it = made(unique('cut'), { group: 'g' }, { servers: way.address });
    await it({ value: 1 });
    const events = it[Symbol.asyncIterator]();
    const first = (await events.next()).value;
    way.cut();
    const acked = first?.ack();
    const sent = it({ value: 2 });
    await sleep(100);
    way.mend();
    await Promise.all([acked, sent]);

    expect((await events.next()).value?.value).toBe(2);
    expect(it.stats().losses).toBe(1);
  });

  test.runIf(isFull)(
    'has another connection while the one before, which nobody has used for a second, does not end',
    async () => {
      const way = await cuttable(server.port);
      onTestFinished(() => way.close());
      const it = made(unique('idle'), { group: 'g', timeout: 2000 }, { servers: way.address });
      await it({ value: 1 });
      way.stallOpen();
      // The old one is drained from the first second to the second one.
      await sleep(1400);
      const events = it[Symbol.asyncIterator]();
      await (await events.next()).value?.ack();
      await sleep(1000);
      await it({ value: 2 });

      expect((await events.next()).value?.value).toBe(2);
    },
  );

  test('delivers once what takes longer than the server waits', async () => {
    const it = made(unique('busy'), { group: 'g' }, { ackWait: 300 });
    await it({ value: 1 });
    await it({ value: 2 });
    const seen: number[] = [];
    for await (const n of stream(it)) {
      seen.push(n);
      if (seen.length === 2) break;
      await sleep(1000);
    }

    expect(seen).toEqual([1, 2]);
  });

  test('sends to the dead letters what has killed its consumers', async () => {
    const name = unique('killer');
    const dead: number[] = [];
    const buried = later();
    const letters = (n: number): void => {
      dead.push(n);
      buried.resolve();
    };
    const options = { group: 'g', maxDeliver: 2, deadLetter: letters };
    const folder = project({
      'main.js': `
        import { nats } from 'offloop/nats';
        import { topic } from 'offloop/topics';
        const it = topic('${name}', { transport: nats({ servers: '${server.servers}', ackWait: 300 }), group: 'g' });
        for await (const event of it) process.kill(process.pid, 'SIGKILL');`,
    });
    const it = made(name, options, { ackWait: 300 });
    await it({ value: 7 });
    expect((await run(`${folder}/main.js`)).signal).toBe('SIGKILL');
    expect((await run(`${folder}/main.js`)).signal).toBe('SIGKILL');
    await it({ value: 8 });
    const seen: number[] = [];
    const running = stream(it).forEach((n) => void seen.push(n));
    await buried.promise;
    await expect.poll(() => seen, { timeout: 10_000 }).toEqual([8]);
    await it.close();
    await running;

    expect(dead).toEqual([7]);
    expect(seen).toEqual([8]);
  });

  test('lets the process end by itself once nobody uses it', async () => {
    const folder = project({
      'main.js': `
        import { nats } from 'offloop/nats';
        import { stream } from 'offloop/streams';
        import { topic } from 'offloop/topics';
        const it = topic('${unique('ends')}', { transport: nats({ servers: '${server.servers}' }), group: 'g' });
        await it({ value: 1 });
        for await (const n of stream(it)) {
          console.log(n);
          break;
        }`,
    });

    expect(await run(`${folder}/main.js`, { deadline: 20_000 })).toMatchObject({ code: 0, stdout: '1\n', stderr: '' });
  });

  test('that is closed while it looks for a server lets the process end', async () => {
    const folder = project({
      'main.js': `
        import { nats } from 'offloop/nats';
        import { topic } from 'offloop/topics';
        const transport = nats({ servers: '127.0.0.1:${await freePort()}', connectTimeout: 600_000 });
        const it = topic('t', { transport, timeout: 100 });
        await it({ value: 1 }).catch(({ code }) => console.log(code));
        await it.close({ timeout: 0 });
        await transport.close();`,
    });
    const ran = await run(`${folder}/main.js`, { deadline: 20_000 });

    expect(ran).toMatchObject({ code: 0, stdout: 'ERR_OFFLOOP_TIMEOUT\n', stderr: '' });
  });

  test('rejects where there is no server, in time', async () => {
    const servers = `127.0.0.1:${await freePort()}`;
    const it = made('nobody', { timeout: 300 }, { servers, connectTimeout: 600 });

    await expect(it({ value: 1 })).rejects.toThrow(coded('ERR_OFFLOOP_TIMEOUT'));
    await expect(it[Symbol.asyncIterator]().next()).rejects.toThrow(coded('ERR_OFFLOOP_BROKER'));
  });

  test('refuses a message that the server will not take, and goes on', async () => {
    const it = topic<Uint8Array>(unique('large'), { transport: nats({ servers: server.servers }), group: 'g' });
    onTestFinished(async () => it.close({ timeout: 0 }));

    await expect(it({ value: new Uint8Array(2 ** 21) })).rejects.toThrow(coded('ERR_OFFLOOP_BROKER'));
    await it({ value: Uint8Array.of(1) });
    expect((await it[Symbol.asyncIterator]().next()).value?.value).toEqual(Uint8Array.of(1));
  });
});

test('a topic over NATS without the packages says what to install', async () => {
  const { Peer } = { Peer: '@nats-io/transport-node' };
  const { loadPeer } = await import('../../src/base/peer.ts');

  expect(() =>
    loadPeer({ name: Peer, from: [3, 0], below: 4, use: 'topics over NATS' }, 'file:///nowhere/x.js'),
  ).toThrow(
    expect.objectContaining({
      code: 'ERR_OFFLOOP_PEER',
      message: expect.stringContaining('npm install @nats-io/transport-node@^3.0') as string,
    }),
  );
  expect(() => loadPeer({ name: Peer, from: [9, 0], below: 10, use: 'topics over NATS' })).toThrow(
    expect.objectContaining({ code: 'ERR_OFFLOOP_PEER', message: expect.stringContaining('found 3.') as string }),
  );
});

test('a topic over NATS with packages of another version says which are needed', async () => {
  const fake = 'node_modules/@nats-io/transport-node';
  const folder = project(
    {
      [`${fake}/package.json`]: '{ "name": "@nats-io/transport-node", "version": "2.9.0", "main": "index.js" }',
      [`${fake}/index.js`]: '',
      'main.js': `
        import { nats } from 'offloop/nats';
        import { topic } from 'offloop/topics';
        const it = topic('t', { transport: nats(), group: 'g' });
        for (const use of [() => it({ value: 1 }), () => it[Symbol.asyncIterator]().next()])
          await use().catch(({ code, message }) => console.log(code, message));`,
    },
    Object.keys(
      (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: object }).dependencies,
    ),
  );
  // A copy of the package, which finds the packages of the project and not those of this one.
  rmSync(join(folder, 'node_modules/offloop'));
  for (const name of ['package.json', 'dist/lib'])
    cpSync(join(root, name), join(folder, 'node_modules/offloop', name), { recursive: true });
  const { lines, code } = await run(`${folder}/main.js`, { deadline: 20_000 });

  const text =
    'ERR_OFFLOOP_PEER Cannot use topics over NATS: it needs @nats-io/transport-node from 3.0 on and below 4.0, found 2.9.0. Run npm install @nats-io/transport-node@^3.0';
  expect(lines).toEqual([text, text]);
  expect(code).toBe(0);
});

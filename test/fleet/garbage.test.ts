/** Bytes of strangers on every subject of a fleet, while calls run. @module */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { fleet } from 'offloop/fleet';
import type { Fleet } from 'offloop/fleet';
import { hasNats } from '../support/brokers.ts';
import { endNodes, startNode } from '../support/fleet.ts';
import type { TestNode } from '../support/fleet.ts';
import { isFull } from '../support/full.ts';
import { natsServer } from '../support/nats-server.ts';
import type { NatsServer } from '../support/nats-server.ts';
import { randomFrom } from '../support/random.ts';
import * as jobs from '../fixtures/fleet/jobs.mjs';

interface Heard {
  readonly subject: string;
  readonly data: Uint8Array;
}

const draw = randomFrom(2020);

/** Random bytes; or those of a real message, cut or with a bit of it the other way round. */
function garbage(real: readonly Heard[]): Uint8Array {
  const way = draw(3);
  const { data } = real[draw(real.length)] as Heard;
  if (way === 0 || data.length === 0) return Uint8Array.from({ length: draw(80) }, () => draw(256));
  if (way === 1) return data.slice(0, draw(data.length));
  const changed = Uint8Array.from(data);
  const at = draw(changed.length);
  changed[at] = (changed[at] as number) ^ (1 << draw(8));
  return changed;
}

/** Makes calls of each kind, and checks what comes out. */
async function call(pool: Fleet, file: string, first: number): Promise<void> {
  const numbers = Array.from({ length: 10 }, (_, i) => first + i);
  const items: number[] = [];
  const settled = await Promise.allSettled([
    ...numbers.map(async (i) => jobs.add.with({ pool, idempotent: true })(i, 0)),
    ...numbers.map(async (i) => jobs.noted.with({ pool })(file, i, 0)),
    (async () => {
      for await (const item of jobs.count.with({ pool, maxSize: 4 })(10, undefined)) items.push(item);
      return items.length;
    })(),
  ]);
  const wanted = [...numbers, ...numbers, 10];
  for (const [i, it] of settled.entries())
    if (it.status === 'fulfilled') expect(it.value).toBe(wanted[i]);
    else expect(it.reason).toMatchObject({ code: expect.stringMatching(/^ERR_OFFLOOP_/) });
  expect(items).toEqual(Array.from(items, (_, i) => i));
}

/** All subjects that a message was heard at, and what else could be in the inboxes. */
function subjectsOf(heard: readonly Heard[]): string[] {
  const subjects = new Set(heard.map(({ subject }) => subject));
  const inboxes = new Set([...subjects].map((it) => it.split('.').slice(0, 3).join('.')));
  const abouts = ['from', 'nobody', 'stored', 'pulled'];
  const ends = [...abouts.flatMap((it) => [it, `${it}.x`, `${it}.1`, `${it}.*`, `${it}.>`]), 'x.y.z'];
  for (const inbox of inboxes)
    if (inbox.startsWith('offloop.at.')) for (const end of ends) subjects.add(`${inbox}.${end}`);
  for (const it of ['PING', 'STATS', 'INFO']) for (const end of ['', '.offloop']) subjects.add(`$SRV.${it}${end}`);
  return [...subjects];
}

describe.runIf(hasNats)('strangers', () => {
  let server: NatsServer;
  let node: TestNode;
  const folder = mkdtempSync(join(tmpdir(), 'offloop-garbage-'));

  beforeAll(async () => {
    server = await natsServer();
    node = await startNode(server.servers, { threads: 2 });
  });

  afterAll(async () => {
    await endNodes();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('who send anything on every subject end no process, change no answer, and run nothing twice', async () => {
    const file = join(folder, 'ran');
    const stranger = await connect({ servers: server.servers });
    const heard: Heard[] = [];
    const listening = stranger.subscribe('offloop.>', {
      callback: (_, { subject, data }) => void heard.push({ subject, data: Uint8Array.from(data) }),
    });
    await stranger.flush();
    {
      // It is gone by the time that what it has sent comes once more.
      await using pool = fleet({ servers: server.servers });
      await call(pool, file, 0);
    }
    const real = heard.splice(0);

    await using pool = fleet({ servers: server.servers });
    await call(pool, file, 10);
    await pool.nodes();
    // As long as somebody listens everywhere, a caller that is gone seems to be there.
    listening.unsubscribe();
    await stranger.flush();
    const subjects = subjectsOf([...real, ...heard]);
    expect(subjects.some((it) => it.startsWith('offloop.calls.'))).toBe(true);
    expect(subjects.some((it) => it.includes('.pulled.'))).toBe(true);

    for (let round = 2; round <= (isFull ? 200 : 4); round += 1) {
      const calls = call(pool, file, round * 10);
      for (const subject of subjects) {
        stranger.publish(subject, garbage(real));
        stranger.publish(subject, new Uint8Array(0));
        stranger.publish(subject, garbage(real), { reply: 'nobody.is.here' });
        for (const text of ['null', '5', '{"__proto__":{"polluted":1}}']) stranger.publish(subject, text);
      }
      // What was said before, of this caller as well.
      for (const { subject, data } of [...real, ...heard]) stranger.publish(subject, data);
      // One round after the other, each with other bytes.
      // oxlint-disable-next-line no-await-in-loop
      await stranger.flush();
      // oxlint-disable-next-line no-await-in-loop
      await calls;
    }
    await stranger.close();

    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    const ran = readFileSync(file, 'utf8').trim().split('\n');
    expect(new Set(ran).size).toBe(ran.length);
    expect(await jobs.add.with({ pool })(1, 2)).toBe(3);
    await using other = fleet({ servers: server.servers });
    expect(await jobs.add.with({ pool: other })(3, 4)).toBe(7);
    // Its connection was not lost, and it was not started anew.
    expect(node.log.filter(({ event }) => event !== 'refused' && event !== 'trouble')).toMatchObject([
      { event: 'ready' },
    ]);
    expect(node.printed.stderr).toBe('');
  }, 60_000);

  test('who answer in place of the server fail no call', async () => {
    const stranger = await connect({ servers: server.servers });
    const path = join(folder, 'answered');
    const answers = ['{"error":5}', '{"error":{"description":"no"}}', '{"seq":7}', '5', 'null', '[]', 'text'];
    let answered = 0;
    stranger.subscribe('offloop.calls.*', {
      callback: (_, { reply = '' }) => {
        for (const text of answers) stranger.publish(reply, text);
        answered += 1;
      },
    });
    await stranger.flush();
    await using pool = fleet({ servers: server.servers });
    const call = jobs.gated.with({ pool })(path, 'held');
    await vi.waitFor(() => expect(answered).toBe(1), { timeout: 20_000 });
    await stranger.flush();
    // What it has sent comes to the caller before this.
    await pool.nodes();
    writeFileSync(`${path}.go`, '');

    expect(await call).toBe('held');
    await stranger.close();
  }, 30_000);
});

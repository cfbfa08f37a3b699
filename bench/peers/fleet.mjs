/** Calls on nodes over NATS, by a fleet or by the bare client; nodes and server are processes of this machine. @module */

import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { natsServer } from './nats-server.mjs';

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const endWith = (child) => process.once('exit', () => child.kill('SIGKILL'));

async function startNode(servers, threads, prefix) {
  const root = dirname(createRequire(import.meta.url).resolve('offloop/package.json'));
  const main = join(root, 'dist/lib/src/programs/serve/main.js');
  const options = { modules: [file('fleet-jobs.mjs')], servers: [servers], threads, prefix };
  const given = JSON.stringify({ ...options, deadline: 1000, ackWait: 3000, json: true });
  const child = spawn(process.execPath, [main, given], { stdio: ['ignore', 'pipe', 'inherit'] });
  endWith(child);
  for await (const line of createInterface({ input: child.stdout })) if (line.includes('"ready"')) break;
  child.stdout.resume();
}

const ways = {
  async fleet({ nodes = [2] }) {
    const servers = await natsServer();
    const [{ fleet }, jobs] = await Promise.all([import('offloop/fleet'), import('./fleet-jobs.mjs')]);
    const prefix = 'bench';
    await Promise.all(nodes.map((threads) => startNode(servers, threads, prefix)));
    const pool = fleet({ servers, prefix, idleTimeout: 600_000 });
    return {
      add: jobs.add.with({ pool }),
      hold: jobs.hold.with({ pool }),
      primes: jobs.primes.with({ pool }),
      async numbers(count) {
        let sum = 0;
        for await (const n of jobs.numbers.with({ pool })(count)) sum += n;
        return sum;
      },
      threads: nodes.reduce((one, other) => one + other),
    };
  },

  async bare() {
    const servers = await natsServer();
    const { connect, createInbox } = await import('@nats-io/transport-node');
    const child = fork(file('fleet-responder.mjs'), [servers]);
    endWith(child);
    await once(child, 'message');
    const connection = await connect({ servers });
    return {
      add: async (a, b) => (await connection.request('add', JSON.stringify([a, b]), { timeout: 60_000 })).json(),
      async numbers(count) {
        const inbox = createInbox();
        let [sum, left] = [0, count];
        await new Promise((resolve) => {
          const subscription = connection.subscribe(inbox, {
            callback: (_, message) => {
              sum += message.json();
              if ((left -= 1) > 0) return;
              subscription.unsubscribe();
              resolve();
            },
          });
          connection.publish('numbers', JSON.stringify(count), { reply: inbox });
        });
        return sum;
      },
    };
  },

  /** The same work as a fleet does, by hand: a call goes into a queue, a node pulls it, runs it in a thread, and answers. */
  async queue() {
    const servers = await natsServer();
    const [{ connect, headers }, { jetstreamManager }] = await Promise.all([
      import('@nats-io/transport-node'),
      import('@nats-io/jetstream'),
    ]);
    const connection = await connect({ servers, noAsyncTraces: true });
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'queue', subjects: ['queue'], retention: 'workqueue', duplicate_window: 120e9 });
    await manager.consumers.add('queue', { durable_name: 'nodes', ack_policy: 'explicit', filter_subject: 'queue' });
    const child = fork(file('fleet-queue.mjs'), [servers]);
    endWith(child);
    await once(child, 'message');
    const waiting = [];
    connection.subscribe('answers', { callback: (_, message) => waiting.shift()(message.json()) });
    connection.subscribe('stored', { callback: (_, message) => message.json() });
    let calls = 0;
    return {
      add: (a, b) =>
        new Promise((resolve) => {
          waiting.push(resolve);
          const named = headers();
          named.append('Nats-Msg-Id', `${(calls += 1)}`);
          const order = JSON.stringify({ a, b, caller: 'answers' });
          connection.publish('queue', order, { reply: 'stored', headers: named });
        }),
    };
  },

  /** As long as the calls take if a free thread has the next call at once. */
  async ideal({ threads }) {
    return { threads, isIdeal: true };
  },
};

export async function open({ way, ...options }) {
  return { runsOnMain: true, ...(await ways[way](options)), close() {} };
}

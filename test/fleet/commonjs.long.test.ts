/** A program in CommonJS with a fleet, and a node that serves its module. @module */

import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hasNats } from '../support/brokers.ts';
import { endNodes, startNode } from '../support/fleet.ts';
import { natsServer } from '../support/nats-server.ts';
import { project } from '../support/project.ts';
import { run } from '../support/run.ts';

const files = {
  'package.json': '{ "name": "old-shop", "version": "1.0.0" }',
  'jobs.js': `'use strict';
const { threaded, ContextVar } = require('offloop');
const user = new ContextVar('user');
class OrderError extends Error {}
exports.user = user;
exports.OrderError = OrderError;
exports.add = threaded(function add(a, b) { return { sum: a + b, user: user.get(), pid: process.pid }; });
exports.fail = threaded(function fail() { throw new OrderError('no such order'); });
exports.numbers = threaded(function* numbers(to) { for (let i = 0; i < to; i += 1) yield i; });
exports.each = threaded(async function each(report) { return (await report(1)) + (await report(2)); });
`,
  'main.js': `'use strict';
const { fleet } = require('offloop/fleet');
const { WorkerExitError, OffloopError } = require('offloop');
const { add, fail, numbers, each, user, OrderError } = require('./jobs.js');
const pool = fleet({ servers: process.argv[2], queueTimeout: 20000 });
async function main() {
  const { sum, user: who, pid } = await user.run('ann', () => add.with({ pool })(20, 22));
  console.log(sum, who, pid !== process.pid);
  console.log(await fail.with({ pool })().catch((error) => error instanceof OrderError && error.message));
  let total = 0;
  for await (const n of numbers.with({ pool })(100)) total += n;
  console.log(total, await each.with({ pool })((n) => n * 10));
  console.log((await pool.nodes())[0].modules[0].module);
  const refused = await add.with({ pool, key: 'a' })(1, 2).catch((error) => error);
  console.log(refused.code, new WorkerExitError('x') instanceof OffloopError);
}
main();
`,
};

test.runIf(hasNats)('calls, errors, context, items and callbacks of a program in CommonJS', async () => {
  const folder = project(files, ['@nats-io/transport-node', '@nats-io/jetstream']);
  const server = await natsServer();
  onTestFinished(async () => {
    await endNodes();
    await server.stop();
  });
  const node = await startNode(server.servers, { modules: ['./jobs.js'], cwd: folder, threads: 2 });
  // Without `require` of ES modules, as Node.js was for long.
  const flags = process.allowedNodeEnvironmentFlags.has('--experimental-require-module')
    ? ['--no-experimental-require-module']
    : [];

  const { code, stdout, stderr } = await run(join(folder, 'main.js'), { args: [server.servers], nodeArgs: flags });
  expect(stderr).toBe('');
  expect(stdout.trim().split('\n')).toEqual([
    '42 ann true',
    'no such order',
    '4950 30',
    'old-shop/jobs.js',
    'ERR_OFFLOOP_ARGUMENT true',
  ]);
  expect(code).toBe(0);
  expect(await node.stop()).toBe(0);
});

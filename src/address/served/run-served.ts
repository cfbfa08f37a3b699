/** Runs modules of development servers in a thread, by Vite's own module runner. @module */

import { randomUUID } from 'node:crypto';
import { BroadcastChannel } from 'node:worker_threads';
import { after } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import type { Answer, Question, ServedModule, ServerAddress, Where } from './spec.ts';

/** The part of Vite's `ModuleRunner` that is used. */
interface Runner {
  import(url: string): Promise<unknown>;
}

interface RunnerModule {
  readonly ModuleRunner: new (
    options: { transport: { invoke(payload: unknown): Promise<unknown> }; hmr: false },
    evaluator: object,
  ) => Runner;
  readonly ESModulesEvaluator: new () => object;
}

/**
 * Runs the module that the servers have under `id`, and resolves with its exports; modules that it imports are run once
 * for each `generation`.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_LOAD` if no server has it, or none answers.
 */
export async function runServed(id: string, generation: number, server: ServerAddress): Promise<unknown> {
  const found = (await ask(server, { module: id })) as ServedModule | undefined;
  if (!found) throw gone(id, 'no development server has it any more');
  const runner = await runnerFor(found.where, generation, server);
  return runner.import(found.url);
}

const runners = new Map<string, Promise<Runner>>();

async function runnerFor(where: Where, generation: number, server: ServerAddress): Promise<Runner> {
  const key = `${where.server} ${where.environment} ${generation}`;
  let runner = runners.get(key);
  if (!runner) runners.set(key, (runner = makeRunner(where, server)));
  return runner;
}

async function makeRunner(where: Where, server: ServerAddress): Promise<Runner> {
  const { ModuleRunner, ESModulesEvaluator } = (await import(server.runner)) as RunnerModule;
  const invoke = async (payload: unknown): Promise<unknown> => {
    const answer = await ask(server, { where, payload });
    return answer ?? { error: { name: 'Error', message: 'The development server was closed' } };
  };
  return new ModuleRunner({ transport: { invoke }, hmr: false }, new ESModulesEvaluator());
}

/** Longer than any transform of one module should take. */
const patience = 60_000;

const waiting = new Map<string, (result: unknown) => void>();
let channel: BroadcastChannel | undefined;

async function ask(server: ServerAddress, what: Question['ask']): Promise<unknown> {
  channel ??= open(server);
  const port = channel;
  const id = randomUUID();
  const late = after(patience, () =>
    waiting.get(id)?.(Promise.reject(gone('modules', `the server did not answer in ${patience} ms`))),
  );
  try {
    return await new Promise((resolve) => {
      waiting.set(id, resolve);
      port.postMessage({ id, ask: what } satisfies Question);
    });
  } finally {
    late.cancel();
    waiting.delete(id);
  }
}

function open({ channel: name }: ServerAddress): BroadcastChannel {
  const port = new BroadcastChannel(name);
  port.unref();
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the types of Node.js 20 have nothing else
  port.onmessage = (message): void => {
    const { data } = message as { data: Question | Answer };
    if ('answers' in data) waiting.get(data.answers)?.(data.result);
  };
  return port;
}

const gone = (what: string, why: string): OffloopError =>
  new OffloopError('ERR_OFFLOOP_LOAD', `Cannot load ${what} in a worker thread: ${why}`);

/** Answers the threads that ask development servers for modules. @module */

import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BroadcastChannel } from 'node:worker_threads';
import { announce } from '../address/served/server.ts';
import type { Answer, Question, ServedModule } from '../address/served/spec.ts';
import { OffloopError } from '../base/errors.ts';
import { WeakRef } from '../base/intrinsics.ts';
import { shared } from '../base/realm.ts';
import { askForThread, isFresh, watch } from './fetches.ts';
import type { DevEnvironment, Invocation } from './fetches.ts';

/** The part of Vite's `ViteDevServer` that is used. */
export interface DevServer {
  readonly config: {
    readonly root: string;
    readonly resolve: { readonly alias: readonly { readonly find: string | RegExp; readonly replacement: string }[] };
  };
  readonly environments: Readonly<Record<string, DevEnvironment>>;
}

/** The servers of this thread, in the order in which they were started. Vite holds those that are in use. */
const servers = shared('vite', (): WeakRef<DevServer>[] => []);

let port: BroadcastChannel | undefined;

/**
 * Answers threads for `server` as long as this thread lives.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_ARGUMENT` if this is Vite 5 or older.
 */
export function serve(server: DevServer): void {
  if (!('environments' in server)) {
    throw new OffloopError('ERR_OFFLOOP_ARGUMENT', 'Cannot serve modules to threads: this needs Vite 6 or later');
  }
  for (const environment of Object.values(server.environments)) watch(environment);
  servers.push(new WeakRef(server));
  port ??= listen();
  announce({ channel: port.name, runner: runnerOf(server) });
}

function listen(): BroadcastChannel {
  const channel = new BroadcastChannel(`offloop-vite:${randomUUID()}`);
  channel.unref();
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the types of Node.js 20 have nothing else
  channel.onmessage = (message): void => {
    const question = (message as { data: Question | Answer }).data;
    if ('ask' in question) void answer(question).then((it) => channel.postMessage(it));
  };
  return channel;
}

async function answer({ id, ask }: Question): Promise<Answer> {
  if ('module' in ask) return { answers: id, result: find(ask.module) };
  const environment = servers[ask.where.server]?.deref()?.environments[ask.where.environment];
  return { answers: id, result: await (environment && askForThread(environment, ask.payload as Invocation)) };
}

/** The module with the given id: of the server that was started last, and of an environment that has run it. */
function find(id: string): ServedModule | undefined {
  const found = servers
    .flatMap((reference, server) => {
      const environments = Object.entries(reference.deref()?.environments ?? {});
      return environments.flatMap(([environment, { config, moduleGraph }]) => {
        const module = config.consumer === 'server' ? moduleGraph.getModuleById(id) : undefined;
        return module ? { where: { server, environment }, url: module.url, run: isFresh(module) } : [];
      });
    })
    .toReversed();
  return found.find(({ run }) => run) ?? found[0];
}

/** The file URL of the module runner of the very Vite that has made `server`. */
function runnerOf({ config: { root, resolve } }: DevServer): string {
  // Frameworks have a Vite of their own, which is not found from the project's folder.
  const own = resolve.alias.find(({ find }) => String(find).includes('@vite\\/client'))?.replacement;
  const from =
    own === undefined ? join(root, 'package.json') : own.replace(/^\/@fs(?=\/)/, '').replace(/^\/(?=\w:)/, '');
  return pathToFileURL(createRequire(from).resolve('vite/module-runner')).href;
}

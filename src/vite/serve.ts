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

/** The part of Vite's `ViteDevServer` that is used. */
export interface DevServer {
  readonly config: {
    readonly root: string;
    readonly resolve: { readonly alias: readonly { readonly find: string | RegExp; readonly replacement: string }[] };
  };
  readonly environments: Readonly<Record<string, DevEnvironment>>;
}

/** The part of Vite's `DevEnvironment` that is used. */
export interface DevEnvironment {
  readonly config: { readonly consumer: string };
  readonly moduleGraph: {
    getModuleById(id: string): ModuleNode | undefined;
    getModuleByUrl(url: string): Promise<ModuleNode | undefined>;
  };
  readonly hot: { handleInvoke(payload: never): Promise<unknown> };
}

/** The part of Vite's `EnvironmentModuleNode` that is used. */
interface ModuleNode {
  readonly url: string;

  /** `null` if the module was edited and the server's own runner has not asked for it since. */
  transformResult: object | null;
}

/** What a module runner asks. */
interface Invocation {
  readonly data: { readonly name: string; readonly data: readonly unknown[] };
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
  return { answers: id, result: await (environment && invoke(environment, ask.payload as Invocation)) };
}

/**
 * Lets `environment` answer. It takes a module that it has transformed again for one that its own runner has, which would
 * then stay with what was before the edit; so such a module counts as edited still.
 */
async function invoke(environment: DevEnvironment, invocation: Invocation): Promise<unknown> {
  const { name, data } = invocation.data;
  const [url] = data;
  const isFetch = name === 'fetchModule' && typeof url === 'string';
  const module = isFetch ? await environment.moduleGraph.getModuleByUrl(idIn(url)).catch(() => undefined) : undefined;
  const isEdited = module?.transformResult === null;
  const result = await environment.hot.handleInvoke(invocation as never);
  if (isEdited) module.transformResult = null;
  return result;
}

/** Vite's module runners ask for virtual modules by URLs that have their ids. */
const idIn = (url: string): string =>
  url.startsWith('/@id/') ? url.slice('/@id/'.length).replace('__x00__', '\0') : url;

/** The module with the given id: of the server that was started last, and of an environment that has run it. */
function find(id: string): ServedModule | undefined {
  const found = servers
    .flatMap((reference, server) => {
      const environments = Object.entries(reference.deref()?.environments ?? {});
      return environments.flatMap(([environment, { config, moduleGraph }]) => {
        const module = config.consumer === 'server' ? moduleGraph.getModuleById(id) : undefined;
        return module ? { where: { server, environment }, url: module.url, run: module.transformResult !== null } : [];
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

/** The traps of `node:fs`: functions that change files or read standard input. @module */

import { Promise } from '../../base/intrinsics.ts';
import type { Judge, Verdict } from './guards.ts';
import { guard } from './guards.ts';
import { trap } from './pass-through.ts';
import { isReading, lengthOf, streamOf, totalOf } from './targets.ts';

/**
 * Functions that change nothing, at any path. All others are taken to change files, those of later Node.js versions as
 * well.
 */
const harmless =
  /^(?:(?:access|close|exists|f?stat|lstat|statfs|fsync|fdatasync|opendir|readdir|readlink|realpath|glob|openAsBlob)(?:Sync)?|watch|watchFile|unwatchFile|Dir|Dirent|Stats|StatWatcher|_toUnixTimestamp)$/;

/** The methods of a `FileHandle` that change nothing. */
const harmlessMethods =
  /^(?:constructor|getAsyncId|close|read|readv|readFile|readLines|readableWebStream|createReadStream|stat|sync|datasync)$/;

const changes = 'changes files';
const readsInput = 'reads standard input';

const reads: Judge = ([target]) => (streamOf(target) === 'input' ? readsInput : undefined);

/** Calls the last argument, if it is a function, as a Node.js callback. */
function later(args: readonly unknown[], ...results: unknown[]): undefined {
  const callback = args.at(-1);
  if (typeof callback === 'function') process.nextTick(callback, null, ...results);
}

/** Mutes writing to an output descriptor; any other write is a change. */
function writes(instead: (args: readonly unknown[]) => unknown): Judge {
  return (args) => (streamOf(args[0]) === 'output' ? (): unknown => instead(args) : changes);
}

const opens: Judge = ([path, flags]) => {
  if (streamOf(path) === 'input') return readsInput;
  return isReading(flags) ? undefined : changes;
};

const streams: Judge = ([path, options]) => {
  const { fd } = Object(options) as { fd?: unknown };
  return streamOf(typeof fd === 'number' ? fd : path) === 'output' ? undefined : changes;
};

const streamsIn: Judge = ([path, options]) => {
  const { fd, flags } = Object(options) as { fd?: unknown; flags?: unknown };
  if (streamOf(typeof fd === 'number' ? fd : path) === 'input') return readsInput;
  return isReading(flags) ? undefined : changes;
};

const judges: Readonly<Record<string, Judge>> = {
  open: opens,
  openSync: opens,
  read: reads,
  readSync: reads,
  readv: reads,
  readvSync: reads,
  readFile: reads,
  readFileSync: reads,
  createReadStream: streamsIn,
  ReadStream: streamsIn,
  FileReadStream: streamsIn,
  createWriteStream: streams,
  WriteStream: streams,
  FileWriteStream: streams,
  write: writes((args) => later(args, lengthOf(args), args[1])),
  writeSync: writes(lengthOf),
  writev: writes((args) => later(args, totalOf(args), args[1])),
  writevSync: writes(totalOf),
  writeFile: writes((args) => later(args)),
  writeFileSync: writes(() => undefined),
  appendFile: writes((args) => later(args)),
  appendFileSync: writes(() => undefined),
};

const changesFiles = (): Verdict => changes;

/** Traps the functions of `node:fs`. */
export function trapFiles(fs: object): void {
  for (const name of Object.keys(fs)) {
    if (name !== 'promises' && !harmless.test(name)) trap(fs, name, guard(`fs.${name}`, judges[name] ?? changesFiles));
  }
}

const promisedJudges: Readonly<Record<string, Judge>> = {
  open: opens,
  readFile: reads,
  writeFile: writes(() => Promise.resolve()),
  appendFile: writes(() => Promise.resolve()),
};

/** Traps the functions of `node:fs/promises`, and the methods of the file handles that it opens. */
export function trapFilePromises(promises: object): void {
  const { open } = promises as { open: (...args: unknown[]) => Promise<object> };
  let isHandleTrapped = false;
  const trapFirst = (handle: object): object => {
    if (!isHandleTrapped) trapHandles(Object.getPrototypeOf(handle) as object);
    isHandleTrapped = true;
    return handle;
  };
  // The class of file handles is not exported; only an instance leads to it.
  const opensHandle = function (this: unknown, ...args: unknown[]): Promise<object> {
    const opened: Promise<object> = Reflect.apply(open, this, args);
    return isHandleTrapped ? opened : opened.then(trapFirst);
  };
  Object.defineProperties(opensHandle, { name: { value: 'open' }, length: { value: open.length } });
  Object.defineProperty(promises, 'open', { value: opensHandle, enumerable: true, writable: true, configurable: true });
  for (const name of Object.keys(promises)) {
    if (name === 'constants' || harmless.test(name)) continue;
    trap(promises, name, guard(`fs.promises.${name}`, promisedJudges[name] ?? changesFiles));
  }
}

/** Traps the methods of file handles. */
function trapHandles(prototype: object): void {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (!harmlessMethods.test(name)) trap(prototype, name, guard(`FileHandle.${name}`, changesFiles));
  }
}

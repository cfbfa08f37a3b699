/** Sorts objects into kinds, by how they cross threads. @module */

import { URL, URLSearchParams } from 'node:url';
import { types } from 'node:util';
import { isSignal } from '../../base/signal.ts';
import { isLostFile } from './files.ts';
import { hostVerdict, isOfPlatform } from './host.ts';
import { takeMove } from '../memory/move.ts';
import { Remains } from '../errors/remains.ts';
import { sendableOf } from '../sendable.ts';
import { isShared } from './shared.ts';

/**
 * The kinds that need an explanation:
 * - `kept`: structured clone keeps the object as it is.
 * - `memory`: like `kept`, but the memory may be detached.
 * - `port`: can only be transferred.
 * - `bound`: is bound to its thread.
 * - `iterable`: gives its items by a method that structured clone would lose.
 * - `shared`: its state is in shared memory, so that it is the same thing in every thread.
 * - `remains`: an error without the parts that cannot cross.
 * - `instance`: any other object with a class; structured clone keeps its fields.
 */
export type Kind =
  | 'array'
  | 'bound'
  | 'buffer'
  | 'error'
  | 'file'
  | 'instance'
  | 'iterable'
  | 'kept'
  | 'map'
  | 'memory'
  | 'moved'
  | 'params'
  | 'plain'
  | 'port'
  | 'remains'
  | 'sendable'
  | 'set'
  | 'shared'
  | 'signal'
  | 'url';

const known = new WeakMap<object, Kind>([
  [Array.prototype, 'array'],
  [Map.prototype, 'map'],
  [Set.prototype, 'set'],
  [Buffer.prototype, 'buffer'],
  [Uint8Array.prototype, 'memory'],
  // If a fake `Date`, which extends the real one, is the global, real dates take the slow path, with the same result.
  // oxlint-disable-next-line no-restricted-globals
  [Date.prototype, 'kept'],
  [Remains.prototype, 'remains'],
]);

/** The kind of `value`. */
export function kindOf(value: object): Kind {
  if (Object.getPrototypeOf(value) === Array.prototype && Array.isArray(value)) return 'array';
  const kind = classKindOf(value);
  // Looked up each time: a class may be registered after its first instance was seen.
  return kind === 'plain' || kind === 'shared' || sendableOf(value) === undefined ? kind : 'sendable';
}

/** The kind of `value` apart from registered classes. Each prototype is classified once. */
export function classKindOf(value: object): Kind {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null && types.isNativeError(value)) return 'error';
  if (prototype === Object.prototype || prototype === null) return isIterable(value) ? iterableKind(value) : 'plain';
  const before = known.get(prototype);
  if (before !== undefined) return isWhatItSeems(value, before) ? before : 'bound';
  const kind = classify(value);
  // The kind of a proxy, or of an object that has its own iterator method, is not the kind of its class.
  if (!types.isProxy(value) && (kind !== 'iterable' || isIterable(prototype))) known.set(prototype, kind);
  return kind;
}

function isWhatItSeems(value: object, kind: Kind): boolean {
  if (kind === 'map') return types.isMap(value);
  if (kind === 'set') return types.isSet(value);
  return kind !== 'array' || Array.isArray(value);
}

function isIterable(value: object): boolean {
  const { [Symbol.iterator]: sync, [Symbol.asyncIterator]: async } = value as Partial<
    Iterable<unknown> & AsyncIterable<unknown>
  >;
  return sync !== undefined || async !== undefined;
}

const iterableKind = (value: object): Kind => (types.isArgumentsObject(value) ? 'plain' : 'iterable');

function classify(value: object): Kind {
  return standard(value) ?? platform(value) ?? 'instance';
}

function standard(value: object): Kind | undefined {
  if (types.isNativeError(value) || value instanceof Error) return 'error';
  if (Array.isArray(value)) return 'array';
  if (types.isMap(value)) return 'map';
  if (types.isSet(value)) return 'set';
  if (Buffer.isBuffer(value)) return 'buffer';
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return 'memory';
  if (types.isDate(value) || types.isRegExp(value)) return 'kept';
  if (types.isBoxedPrimitive(value)) return types.isSymbolObject(value) ? 'bound' : 'kept';
  if (types.isPromise(value) || types.isWeakMap(value) || types.isWeakSet(value)) return 'bound';
  return undefined;
}

function platform(value: object): Kind | undefined {
  if (takeMove(value)) return 'moved';
  if (value instanceof URL) return 'url';
  if (value instanceof URLSearchParams) return 'params';
  if (isLostFile(value)) return 'file';
  if (isSignal(value)) return 'signal';
  if (isShared(value)) return 'shared';
  if (isIterable(value)) return iterableKind(value);
  if (isForeignPlain(value)) return 'plain';
  if (portNames.has(value.constructor?.name) && hostVerdict(value) === 'refused') return 'port';
  if (hostVerdict(value) === 'host') return 'kept';
  return isOfPlatform(value) ? 'bound' : undefined;
}

/** Whether `value` is a plain object of another realm, as test runners and `node:vm` make them. */
function isForeignPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null || Object.getPrototypeOf(prototype) !== null) return false;
  return Object.hasOwn(prototype, 'hasOwnProperty') && Object.hasOwn(prototype, 'isPrototypeOf');
}

const portNames = new Set(['FileHandle', 'MessagePort', 'TransformStream', 'WritableStream']);

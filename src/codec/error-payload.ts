/** What of an error travels. @module */

import { inspect } from 'node:util';
import { at } from './path.ts';

/** An error on its way, as the payload of a hole. */
export interface ErrorPayload {
  /** The name under which its class is registered, if it is. */
  sendable?: string;

  /** Names of its class and those above, up to a built-in one. */
  types?: string[];

  /** `name` as it reads. */
  name?: string;

  /** Its own properties: message, stack, cause, errors, code and all others. */
  data?: Record<string, unknown>;

  /** Which of them are not enumerable. */
  hidden?: string[];
}

/** Takes a value into the message; throws if it cannot cross. */
interface Taker {
  put(container: object, key: string, value: unknown, path: string, inInstance: boolean): void;
}

/**
 * Fills `payload` with what `error` has. A property that cannot cross is left out, a cause that cannot is described:
 * the error itself always arrives.
 */
export function errorPayload(
  error: Error,
  payload: ErrorPayload,
  sendable: string | undefined,
  taker: Taker,
  path: string,
): void {
  const data: Record<string, unknown> = {};
  const hidden: string[] = [];
  payload.types = typeNames(error);
  payload.name = String(read(error, 'name') ?? 'Error');
  payload.data = data;
  payload.hidden = hidden;
  if (sendable !== undefined) payload.sendable = sendable;
  const isDomException = payload.types.includes('DOMException');
  const inherited = isDomException ? ['message', 'stack'] : ['stack'];
  for (const key of new Set([...inherited, ...Object.getOwnPropertyNames(error)])) {
    if (isDomException && key === 'code') continue;
    const value = read(error, key);
    if (value === undefined && !Object.hasOwn(error, key)) continue;
    take(data, key, value, at(path, key), taker);
    if (!Object.prototype.propertyIsEnumerable.call(error, key)) hidden.push(key);
  }
}

function take(data: Record<string, unknown>, key: string, value: unknown, path: string, taker: Taker): void {
  try {
    taker.put(data, key, value, path, true);
  } catch {
    if (key === 'cause') taker.put(data, key, new Error(inspect(value)), path, true);
    else delete data[key];
  }
}

/** Errors of strange make may throw at a mere look. */
function read(error: Error, key: string): unknown {
  try {
    return (error as unknown as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

function typeNames(error: Error): string[] {
  const names: string[] = [];
  for (
    let it: unknown = Object.getPrototypeOf(error);
    typeof it === 'object' && it !== null;
    it = Object.getPrototypeOf(it)
  ) {
    const type: unknown = Object.getOwnPropertyDescriptor(it, 'constructor')?.value;
    if (typeof type !== 'function' || type.name === 'Object') continue;
    names.push(type.name);
  }
  return names;
}

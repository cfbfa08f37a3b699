/** The parts of an error that are sent. @module */

import { inspect } from 'node:util';
import { lineageOf } from './classes.ts';
import type { Lineage } from './classes.ts';
import { withoutOwnFrames } from './stacks.ts';

/** An error as it is sent, the payload of a hole. */
export interface ErrorPayload {
  readonly lineage: Lineage;

  /** The name under which the error's class is registered, if it is. */
  readonly registered: string | undefined;

  /** `name`, `message` and `stack` as they read, own or inherited. */
  readonly name: string | undefined;
  readonly message: string | undefined;
  readonly stack: string;

  /** The error's own properties. */
  readonly fields: Record<string, unknown>;

  /** The names of those fields that are not enumerable. */
  readonly hidden: readonly string[];
}

/**
 * Own properties that are sent although they are not enumerable. `stack` is an own property only on some Node.js
 * versions.
 */
const hiddenFields = ['message', 'name', 'code', 'cause', 'errors', 'error', 'suppressed'];

/** The payload for `error`, still without its fields. */
export function errorPayload(error: object, registered: string | undefined): ErrorPayload {
  const [name, message, stack] = [text(error, 'name'), text(error, 'message'), text(error, 'stack')];
  const lineage = lineageOf(error);
  return {
    lineage,
    registered,
    name,
    message,
    stack: stack === undefined ? [name ?? lineage.base, message].filter(Boolean).join(': ') : withoutOwnFrames(stack),
    fields: {},
    hidden: hiddenFields.filter((key) => isHidden(error, key)),
  };
}

/** The own properties of `error` to send, without those that throw when they are read. */
export function errorFields(error: object): (readonly [key: string, value: unknown])[] {
  const fields: (readonly [string, unknown])[] = [];
  for (const key of Object.keys(error)) if (key !== 'stack') addField(error, key, fields);
  for (const key of hiddenFields) if (isHidden(error, key)) addField(error, key, fields);
  return fields;
}

function addField(error: object, key: string, fields: (readonly [string, unknown])[]): void {
  const read = tryRead(error, key);
  if (read) fields.push([key, read.value]);
}

/** A plain error that describes a value which cannot cross. */
export function description(value: unknown): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new Error(inspect(value));
  } catch {
    return new Error(`${typeof value} that cannot be described`);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The value of `source[key]`; `undefined` if reading it throws, as a getter or a proxy may. */
export function tryRead(source: object, key: string | number): { readonly value: unknown } | undefined {
  try {
    return { value: (source as Record<string | number, unknown>)[key] };
  } catch {
    return undefined;
  }
}

function isHidden(error: object, key: string): boolean {
  return Object.hasOwn(error, key) && !Object.prototype.propertyIsEnumerable.call(error, key);
}

function text(error: object, key: string): string | undefined {
  const value = tryRead(error, key)?.value;
  return typeof value === 'string' ? value : undefined;
}

/** What of an error travels. @module */

import { inspect } from 'node:util';
import { lineageOf } from './error-classes.ts';
import type { Lineage } from './error-classes.ts';
import type { Walker } from './walker.ts';

/** An error on its way, as the payload of a hole. */
export interface ErrorPayload {
  readonly lineage: Lineage;

  /** The name under which its class is registered, if it is. */
  readonly registered: string | undefined;

  /** `name`, `message` and `stack` as they read, own or inherited. */
  readonly name: string | undefined;
  readonly message: string | undefined;
  readonly stack: string;

  /** Its own properties. */
  readonly fields: Record<string, unknown>;

  /** Which of them are not enumerable. */
  readonly hidden: string[];
}

/** Own properties that matter although they are not enumerable. `stack` is not one of them on every Node. */
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
    stack: stack ?? [name ?? lineage.base, message].filter(Boolean).join(': '),
    fields: {},
    hidden: [],
  };
}

/**
 * Packs the fields of `error`. One that cannot cross is left out; if it is the cause, or one of several errors, a plain
 * error with its description takes its place. So the error itself always arrives.
 */
export function packErrorFields(error: object, { fields, hidden }: ErrorPayload, walker: Walker): void {
  const enumerable = new Set(Object.keys(error));
  for (const key of [...enumerable, ...hiddenFields]) {
    if (key === 'stack' || !Object.hasOwn(error, key) || Object.hasOwn(fields, key)) continue;
    packField(error, key, fields, walker);
    if (Object.hasOwn(fields, key) && !enumerable.has(key)) hidden.push(key);
  }
}

function packField(error: object, key: string, fields: Record<string, unknown>, walker: Walker): void {
  const value = read(error, key);
  if (walker.attempt(() => walker.put(fields, key, value))) return;
  if (key === 'cause') walker.put(fields, key, description(value));
  else if (key === 'errors' && Array.isArray(value)) packErrors(value, (fields[key] = []), walker);
  else delete fields[key];
}

function packErrors(errors: readonly unknown[], copies: unknown[], walker: Walker): void {
  for (const [index, error] of errors.entries()) {
    if (!walker.attempt(() => walker.put(copies, index, error))) walker.put(copies, index, description(error));
  }
}

/** A plain error that tells what a value was which cannot cross. */
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

/** Errors of strange make may throw at a mere look. */
function read(error: object, key: string): unknown {
  try {
    return (error as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

function text(error: object, key: string): string | undefined {
  const value = read(error, key);
  return typeof value === 'string' ? value : undefined;
}

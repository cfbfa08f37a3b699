/** The error for a value that cannot cross: its path, what it is, and what to do about it. @module */

import { types } from 'node:util';
import { OffloopError } from '../../base/errors.ts';
import { structuredClone } from '../../base/intrinsics.ts';
import { isSignal } from '../../base/signal.ts';
import { bare } from '../../base/options.ts';
import { EntryStep, pathOf, stepOf } from './path.ts';
import type { Step } from './path.ts';

/** Facts about a value that cannot cross. */
export interface Refused {
  readonly path: string;
  readonly value: unknown;

  /** The instance that contains the value, directly or further down. */
  readonly inside?: object | undefined;

  /** Advice for the user, if the kind of value does not imply it. */
  readonly hint?: string | undefined;

  /** The action that the value was refused for. @defaultValue `'cloned'` */
  readonly verb?: 'cloned' | 'moved';
  readonly cause?: unknown;
}

/** Makes the error of a refused value. */
export function refusal(facts: Refused): OffloopError {
  const { path, value, inside, hint = adviceFor(value, inside), verb = 'cloned', cause } = bare(facts);
  const place = inside ? `, inside ${describe(inside)}` : '';
  const text = `Cannot send ${path} to another thread: ${describe(value)}${place} cannot be ${verb}: ${hint}`;
  return new OffloopError('ERR_OFFLOOP_NOT_CLONEABLE', text, cause === undefined ? undefined : { cause });
}

/** Describes a value in a few words. */
export function describe(value: unknown): string {
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`;
  if (typeof value === 'symbol') return `the symbol ${value.toString()}`;
  if (typeof value !== 'object' || value === null) return `the value ${String(value)}`;
  if (types.isProxy(value)) return 'a Proxy';
  const name = classNameOf(value);
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
}

function classNameOf(value: object): string {
  if (types.isGeneratorObject(value)) return 'generator';
  const tag = Object.prototype.toString.call(value).slice('[object '.length, -1);
  const { constructor } = value;
  // Built-in iterators have no class of their own.
  const isNamed = typeof constructor === 'function' && constructor !== Object && !tag.endsWith(' Iterator');
  return (isNamed && constructor.name) || tag;
}

function adviceFor(value: unknown, inside: object | undefined): string {
  if (typeof value === 'function') {
    return inside
      ? 'register the class with sendable() and give it [toThread] and [fromThread], or send the data alone'
      : 'functions cross only in the arguments of a call';
  }
  if (typeof value === 'symbol') return 'send a string instead';
  if (types.isPromise(value)) return 'await it first';
  if (isSignal(value)) return 'signals cross only in the arguments of a call';
  return 'it belongs to its thread, so send the data it is made from';
}

/**
 * Finds the value that structured clone refused, by trying to clone each part of `values`, which are at `root`. The
 * objects in `transfer` cannot be tried and are skipped.
 */
export function explain(
  values: readonly unknown[],
  cause: unknown,
  root: string,
  transfer: readonly unknown[] = [],
): OffloopError {
  const found = culprit(values, [], new Set(transfer));
  const hint = `structured clone says: ${cause instanceof Error ? cause.message : String(cause)}`;
  if (found && found.steps.length > 0)
    return refusal({ path: pathOf(root, found.steps), value: found.value, hint, cause });
  return new OffloopError('ERR_OFFLOOP_NOT_CLONEABLE', `Cannot send ${root} to another thread: ${hint}`, { cause });
}

interface Culprit {
  readonly steps: readonly Step[];
  readonly value: unknown;
}

function culprit(value: unknown, steps: readonly Step[], seen: Set<unknown>): Culprit | undefined {
  if (seen.has(value) || isCloneable(value)) return undefined;
  seen.add(value);
  let isExcused = false;
  for (const [step, part] of partsOf(value)) {
    isExcused ||= seen.has(part);
    const found = culprit(part, [...steps, step], seen);
    if (found) return found;
  }
  return isExcused ? undefined : { steps, value };
}

function* partsOf(value: unknown): Iterable<[Step, unknown]> {
  if (typeof value !== 'object' || value === null) return;
  if (types.isMap(value)) {
    for (const [key, item] of value) {
      yield [new EntryStep('key'), key];
      yield [new EntryStep('value', key), item];
    }
  } else if (types.isSet(value)) {
    for (const item of value) yield [new EntryStep('item'), item];
  } else {
    for (const [key, part] of Object.entries(value)) yield [Array.isArray(value) ? stepOf(key) : key, part];
  }
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

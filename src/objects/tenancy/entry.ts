/** An object that the other side can reach, and the calls of it that are in flight. @module */

import { OffloopError } from '../../base/errors.ts';
import { Latch } from '../../base/latch.ts';
import type { Members } from '../crossing/form.ts';

/** An object that can be reached by its number. */
export interface Entry {
  readonly target: object;
  readonly members: Members;

  /** How often it was described to the other side. */
  times: number;

  /** How many calls of it are in flight, and what waits until there are none. */
  active: number;
  idle: Latch | undefined;
  isClosed: boolean;
}

/** @throws {OffloopError} `ERR_OFFLOOP_NOT_FOUND` if the member `name` may not be used so. */
export function check({ members, target }: Entry, name: string, use: number): void {
  if (((members[name] ?? 0) & use) === 0) throw notReached(target, name);
}

/** The error of a member of `target` that may not be used so. */
export function notReached(target: object, name: string): OffloopError {
  const type = typeof target === 'function' ? target.name : target.constructor.name;
  return new OffloopError(
    'ERR_OFFLOOP_NOT_FOUND',
    `Cannot use ${name}: ${type} has no such member that others may use so`,
  );
}

/** The value of the member `name`, if it may be used so. */
export function reach(entry: Entry, name: string, use: number): unknown {
  check(entry, name, use);
  return (entry.target as Record<string, unknown>)[name];
}

/** Notes that a call has begun. */
export function begin(entry: Entry): void {
  entry.active += 1;
}

/** Notes that a call has ended. */
export function end(entry: Entry): void {
  entry.active -= 1;
  if (entry.active === 0) entry.idle?.open();
}

/** Resolves once no call is in flight. */
export async function whenIdle(entry: Entry): Promise<void> {
  if (entry.active > 0) await (entry.idle ??= new Latch()).opened;
}

/** Runs the object's own dispose, if it has one. */
export async function disposeOf(target: object): Promise<void> {
  if (typeof target === 'function') return;
  const { [Symbol.asyncDispose]: later, [Symbol.dispose]: now } = target as Partial<AsyncDisposable & Disposable>;
  if (later) await later.call(target);
  else now?.call(target);
}

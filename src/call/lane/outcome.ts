/** Settles calls by answers that are not plain values. @module */

import type { Definition } from '../../address/registry.ts';
import { unreachable } from '../../address/find/unreachable.ts';
import { OffloopError } from '../../base/errors.ts';
import { unpackThrown } from '../../codec/errors/codec.ts';
import type { PackedThrown } from '../../codec/errors/codec.ts';
import type { Hole } from '../../codec/walk/hole.ts';
import { joinStacks } from '../../codec/errors/stacks.ts';
import { unpack } from '../../codec/walk/unpack.ts';
import type { Call } from '../call.ts';

/** A return value that has to be restored, or has to wait for callbacks. */
export interface Returned {
  readonly packed: unknown[];
  readonly holes: Hole[] | undefined;

  /** The ids of callbacks' calls that the function did not await. */
  readonly loose: readonly number[] | undefined;
}

/** Settles `call` with its restored return value, once the callbacks in `loose` have settled. */
export function settleReturned(call: Call, { packed, holes, loose }: Returned, ran: number, at: number): void {
  if (!call.settled) {
    const closing = call.lent?.sources?.close();
    const settle = (value: unknown): void => call.succeed(value, ran, at, closing);
    const fail = (error: unknown): void => call.fail(error, ran, at);
    try {
      // A `[fromThread]` method of the user's may throw.
      const value = holes ? unpack(packed, holes, call.scope)[0] : packed[0];
      const waiting = loose && call.bridge?.settled(loose);
      if (waiting) waiting.then(() => settle(value), fail);
      else settle(value);
    } catch (error) {
      fail(error);
    }
  }
  call.finished();
}

/** Settles `call` with the error that the function threw. */
export function settleThrown(call: Call, thrown: PackedThrown, ran: number, at: number): void {
  if (!call.settled) fail(call, unpackThrown(thrown, call.scope), ran, at);
  call.finished();
}

function fail(call: Call, error: unknown, ran: number, at: number): void {
  const { callerStack, definition } = call;
  if (error instanceof Error) joinStacks(error, callerStack);
  if (isNotFound(error) && isMadeInside(definition)) void failUnreachable(call);
  else if (callerStack !== undefined || !(error instanceof Error)) call.fail(error, ran, at);
  else call.failAwaited(error, ran, at);
}

/** Fails `call` with an error that names the captured variables: only this side has the function to analyse. */
async function failUnreachable(call: Call): Promise<void> {
  call.fail(await unreachable(call.definition));
}

/** Whether another function made the wrapper. In a module that threads had found, an edit may be all that is wrong. */
function isMadeInside({ site, record }: Definition): boolean {
  const isServed = record?.served !== undefined || record?.hot !== undefined;
  return site.inside !== undefined && !(site.top && isServed);
}

function isNotFound(error: unknown): boolean {
  return error instanceof OffloopError && error.code === 'ERR_OFFLOOP_NOT_FOUND';
}

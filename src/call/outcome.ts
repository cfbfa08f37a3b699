/** What an answer that is no plain value makes of its call. @module */

import { unreachable } from '../address/unreachable.ts';
import { OffloopError } from '../base/errors.ts';
import { unpackThrown } from '../codec/error-codec.ts';
import type { PackedThrown } from '../codec/error-codec.ts';
import type { Hole } from '../codec/hole.ts';
import { joinStacks } from '../codec/stacks.ts';
import { unpack } from '../codec/unpack.ts';
import type { Call } from './call.ts';

/** What a function returned, where more is to be done with it than to hand it on. */
export interface Returned {
  readonly packed: unknown[];
  readonly holes: Hole[] | undefined;

  /** The ids of callbacks' calls whose results nobody took. */
  readonly loose: readonly number[] | undefined;
}

/** The thread is done with `call`: settles with what was returned once it is restored, and what `loose` names has settled. */
export function settleReturned(call: Call, returned: Returned, ran: number, at: number): void {
  if (!call.settled) void restoreAndSettle(call, returned, ran, at);
  call.finished();
}

async function restoreAndSettle(
  call: Call,
  { packed, holes, loose }: Returned,
  ran: number,
  at: number,
): Promise<void> {
  const closing = call.lent?.sources?.close();
  try {
    // A class of the user's may refuse what it is to be made of.
    const [value] = holes ? unpack(packed, holes, call.scope) : packed;
    if (loose) await call.bridge?.settled(loose);
    call.succeed(value, ran, at, closing);
  } catch (error) {
    call.fail(error, ran, at);
  }
}

/** The thread is done with `call`: settles with what the function threw. */
export function settleThrown(call: Call, thrown: PackedThrown, ran: number, at: number): void {
  if (!call.settled) fail(call, unpackThrown(thrown, call.scope), ran, at);
  call.finished();
}

function fail(call: Call, error: unknown, ran: number, at: number): void {
  const { callerStack, definition } = call;
  if (error instanceof Error) joinStacks(error, callerStack);
  if (isNotFound(error) && definition.site.inside !== undefined) void failUnreachable(call);
  else if (callerStack !== undefined || !(error instanceof Error)) call.fail(error, ran, at);
  else call.failAwaited(error, ran, at);
}

/** Only this side has the function, and can tell what it uses of those around it. */
async function failUnreachable(call: Call): Promise<void> {
  call.fail(await unreachable(call.definition));
}

function isNotFound(error: unknown): boolean {
  return error instanceof OffloopError && error.code === 'ERR_OFFLOOP_NOT_FOUND';
}

/** Tells how a call may be sent: in a message with others or alone, once or again. @module */

import { inflate, mouldOf } from '../codec/quick/shape.ts';
import { shortCost } from '../wire/cost.ts';
import type { Call } from './call.ts';
import { isAlone } from './call-plan.ts';

/** Whether the function is known to take microseconds, so that polling for the result costs less than a wake-up. */
export function isQuick({ definition, stream }: Call): boolean {
  return definition.learnt.cost < shortCost && stream === undefined;
}

/**
 * Whether the call may be sent in a run with other quick calls. Not if it may be given up: if its thread were
 * terminated, results that wait in the thread would be lost.
 */
export function isBrief(call: Call): boolean {
  return call.items !== undefined && isQuick(call) && !isAlone(call.plan);
}

/** Whether a busy thread may be sent the call: it is small, can be taken back, and has no `queueTimeout`. */
export function isMovable({ items, stream, plan }: Call): boolean {
  return items !== undefined && stream === undefined && plan.queueTimeout === Infinity;
}

/** Whether the call can be posted again: nothing of it was transferred. */
export function isResendable({ lent, stream }: Call): boolean {
  return lent?.resendable !== false && stream?.isResendable !== false;
}

/** The arguments of a call without `lent`, in the form for a message of its own. */
export function plainArguments({ items, shape }: Call): unknown[] | undefined {
  return items && shape ? (inflate(mouldOf(shape), items, 0) as unknown[]) : items;
}

/** Whether the call keeps the process alive while it is outstanding. */
export function isHeld({ stream, plan }: Call): boolean {
  return stream ? stream.isHeld : plan.detach !== true;
}

/** Whether the call waits, as far as this side can tell, for a callback or an iterable argument. */
export function awaitsCallback({ bridge, lent }: Call): boolean {
  return bridge?.isActive === true || lent?.sources?.isAwaited === true;
}

/**
 * Whether the function can notice that its call was given up: it has an `AbortSignal` or an iterable, or a callback
 * runs.
 */
export function isCooperative(call: Call): boolean {
  const { lent } = call;
  return awaitsCallback(call) || lent?.hasSignals === true || lent?.sources !== undefined;
}

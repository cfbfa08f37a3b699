/** How a call may travel: with others or alone, once or more often. Asked by lanes and pools. @module */

import { inflate, mouldOf } from '../codec/shape.ts';
import { shortCost } from '../wire/cost.ts';
import type { Call } from './call.ts';
import { isAlone } from './call-plan.ts';

/** Whether its function is known to take microseconds, so that looking for its result costs less than being woken. */
export function isQuick({ definition, stream }: Call): boolean {
  return definition.learnt.cost < shortCost && stream === undefined;
}

/**
 * Whether it may travel in a run with others, of which each is known to take microseconds. Not if it may be ended while it
 * runs: results that wait in the thread would be lost with it.
 */
export function isBrief(call: Call): boolean {
  return call.items !== undefined && isQuick(call) && !isAlone(call.plan);
}

/** Whether a thread may be sent it before it is free: it is small, can be taken back, and no clock runs meanwhile. */
export function isMovable({ items, stream, plan }: Call): boolean {
  return items !== undefined && stream === undefined && plan.queueTimeout === Infinity;
}

/** Whether it can be posted once more: all that was sent are copies, and nothing of them moved. */
export function isResendable({ lent, stream }: Call): boolean {
  return lent?.resendable !== false && stream?.isResendable !== false;
}

/** The arguments of a call of which nothing is lent, as they are posted alone. */
export function plainArguments({ items, shape }: Call): unknown[] | undefined {
  return items && shape ? (inflate(mouldOf(shape), items, 0) as unknown[]) : items;
}

/** Whether it keeps the process alive while it is out. */
export function isHeld({ stream, plan }: Call): boolean {
  return stream ? stream.isHeld : plan.detach !== true;
}

/** Whether it waits, as far as this side can tell, for what a callback of it gives. */
export function awaitsCallback({ bridge, lent }: Call): boolean {
  return bridge?.isActive === true || lent?.sources?.isAwaited === true;
}

/** Whether the function is in a position to end by itself: it was given an `AbortSignal`, or awaits a callback. */
export function isCooperative(call: Call): boolean {
  const { lent } = call;
  return awaitsCallback(call) || lent?.hasSignals === true || lent?.sources !== undefined;
}

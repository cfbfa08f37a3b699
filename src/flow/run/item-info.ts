/** The facts that a handler is told of an item beside its value. @module */

import type { Delivery } from '../../streams/run/delivery.ts';
import type { EventHeaders } from '../../streams/index.ts';
import type { ItemInfo } from '../handler-types.ts';
import type { RunScope } from './run-scope.ts';

export type Info = ItemInfo;

const noHeaders: EventHeaders = Object.freeze({});

/** Whether `fn` declares a second parameter. */
export function takesInfo(fn: Function): boolean {
  return fn.length > 1;
}

/** Of the event that an item came with; a thread is told what can cross. */
export function infoOf(delivery: Delivery | undefined, isElsewhere: boolean, { context, ending }: RunScope): Info {
  const events = delivery?.events;
  const event = events?.length === 1 ? events[0] : undefined;
  const key = event?.key;
  const headers = event?.headers ?? noHeaders;
  const attempt = event?.attempt ?? 1;
  if (isElsewhere) return { key, headers, attempt, context };
  return { key, headers, message: event?.message, attempt, context, signal: ending.signal };
}

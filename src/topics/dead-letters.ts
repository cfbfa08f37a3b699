/** Where the messages go that nobody can deal with. @module */

import { AbortController } from '../base/intrinsics.ts';
import { StreamEvent } from '../streams/events/event.ts';
import { sendTo } from '../streams/run/sink.ts';
import type { Sink } from '../streams/run/sink.ts';
import type { IncomingMessage } from './transport.ts';

/** Sends a message away for good. */
export type SendAway = (value: unknown, key: unknown, message: IncomingMessage) => Promise<void>;

/** The way to the dead letters of `topic`, if it has any. */
export function deadLettersOf(topic: string, deadLetter: Sink<never> | undefined): SendAway | undefined {
  if (!deadLetter) return undefined;
  const send = sendTo(deadLetter, { signal: new AbortController().signal });
  return async (value, key, message) => {
    await send(value, letter(topic, value, key, message));
  };
}

/** A dead letter, with the place that it has come from. */
function letter(topic: string, value: unknown, key: unknown, message: IncomingMessage): StreamEvent<unknown> {
  const { headers, partition, position, attempt } = message;
  const from = {
    'offloop-topic': topic,
    'offloop-position': `${partition}/${position}`,
    'offloop-attempt': `${attempt}`,
  };
  return new StreamEvent<unknown>(value, { key, headers: { ...headers, ...from }, message, attempt });
}

/** What the subject says to which a message of the queue is answered. @module */

export interface Delivery {
  /** How often the message was delivered, this time included; from 1. */
  readonly attempt: number;
  readonly sequence: number;
}

/** `$JS.ACK.[DOMAIN.ACCOUNT.]STREAM.CONSUMER.DELIVERED.SEQUENCE.CONSUMER_SEQUENCE.NANOSECONDS.PENDING[.RANDOM]` */
export function deliveryOf(reply: string): Delivery {
  const parts = reply.split('.');
  const from = parts.length > 9 ? 6 : 4;
  const [attempt, sequence] = parts.slice(from);
  return { attempt: Number(attempt), sequence: Number(sequence) };
}

const encoder = new TextEncoder();

type Name = 'done' | 'working' | 'never' | 'again';

/** The words that are said of a message: done; being worked on; not to be delivered again; to be delivered again. */
export const Word: Readonly<Record<Name, Uint8Array>> = {
  done: encoder.encode('+ACK'),
  working: encoder.encode('+WPI'),
  never: encoder.encode('+TERM'),
  again: encoder.encode('-NAK'),
};

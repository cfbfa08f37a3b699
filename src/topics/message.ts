/** The messages of a topic as its users see them, and the way to bytes and back. @module */

import { randomUUID } from 'node:crypto';
import { argumentError, OffloopError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { anything, count, kind, ownOptions, show } from '../base/options.ts';
import { isThenable } from '../base/thenable.ts';
import type { EventHeaders } from '../streams/events/event.ts';
import type { Codec } from './codec.ts';
import type { IncomingMessage, OutgoingMessage } from './transport.ts';

/** A message to be sent to a topic. */
export interface TopicMessage<T, K = string> {
  /** `null` says that there is nothing any more for the key; no codec sees it. */
  readonly value: T;

  /** The subject of the message: messages of one key stay in order. @defaultValue none */
  readonly key?: K | undefined;

  /** Names and texts that travel beside the value. @defaultValue `{}` */
  readonly headers?: EventHeaders | undefined;

  /** Where it goes, whatever its key is, if the broker has partitions; from 0. @defaultValue as the key says */
  readonly partition?: number | undefined;
}

/** A message as the broker has it; the `message` of an event. */
export interface BrokerMessage {
  readonly topic: string;
  readonly partition: number;
  readonly position: number;

  /** When it was stored, in milliseconds since the epoch. */
  readonly time: number;

  /** The bytes of the key. */
  readonly key: Uint8Array | undefined;

  /** The bytes of the value. */
  readonly value: Uint8Array | null;
}

/** How the messages of a topic are written. */
export interface Writing {
  readonly name: string;
  readonly codec: Codec<unknown>;
  readonly keyCodec: Codec<unknown>;
}

const checks = { value: anything, key: anything, headers: kind('object'), partition: count(0) };
const none: Readonly<Record<string, string>> = Object.freeze({});

/** A text that no other thread or process has. */
const own = randomUUID().replaceAll('-', '').slice(0, 20);
let last = 0;

/** An id that no other message has. */
function newId(): string {
  last += 1;
  return `${own}-${last.toString(36)}`;
}

/**
 * Gives `message` in bytes, or a promise of that if a codec takes its time.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if it has anything else, or a header is no text.
 * @throws What a codec throws.
 */
export function encode(
  writing: Writing,
  message: TopicMessage<unknown, unknown>,
): OutgoingMessage | Promise<OutgoingMessage> {
  const parts = partsOf(writing.name, message);
  const { value, key, headers } = parts;
  const head = headers ? checkedHeaders(writing.name, headers) : none;
  const keyBytes = key === undefined ? undefined : writing.keyCodec.encode(key);
  const bytes = value === null ? null : writing.codec.encode(value);
  if (!isThenable(keyBytes) && !isThenable(bytes)) return outgoing(writing.name, parts, head, keyBytes, bytes);
  return Promise.all([keyBytes, bytes]).then(([key, value]) => outgoing(writing.name, parts, head, key, value));
}

function outgoing(
  topic: string,
  { value, key, partition }: TopicMessage<unknown, unknown>,
  headers: Readonly<Record<string, string>>,
  keyBytes: Uint8Array | undefined,
  bytes: Uint8Array | null,
): OutgoingMessage {
  return {
    topic,
    key: key === undefined ? undefined : checkedBytes(topic, 'keyCodec', keyBytes),
    value: value === null ? null : checkedBytes(topic, 'codec', bytes),
    headers,
    partition,
    id: newId(),
  };
}

/** The own properties of a message. Nearly all are plain ones with nothing to check; others are checked as options are. */
function partsOf(topic: string, message: TopicMessage<unknown, unknown>): TopicMessage<unknown, unknown> {
  const checked = (): TopicMessage<unknown, unknown> => ownOptions(`the topic ${topic}`, message, checks);
  if (typeof message !== 'object' || message === null) return checked();
  const parts = { value: undefined as unknown, key: undefined as unknown, headers: undefined, partition: undefined };
  const names = Object.keys(message);
  for (const name of names)
    if (name === 'value') parts.value = message.value;
    else if (name === 'key') parts.key = message.key;
    else return checked();
  return names.length > 0 ? parts : checked();
}

/** A header goes to every broker as it is, or not at all. */
function checkedHeaders(topic: string, headers: EventHeaders): Record<string, string> {
  const refuse = (name: string, why: string): never => {
    throw argumentError(`Cannot send to the topic ${topic}: the header ${JSON.stringify(name)} ${why}`);
  };
  const checked: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) refuse(name, 'has a name with other signs than letters, digits and -');
    if (typeof value !== 'string') return refuse(name, `is no text but ${value === null ? 'null' : typeof value}`);
    if (/[\r\n\0]|^\s|\s$/.test(value)) refuse(name, 'has a line break, or a blank at an end');
    checked.push([name, value]);
  }
  return Object.fromEntries(checked);
}

function checkedBytes(topic: string, codec: string, bytes: unknown): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  throw argumentError(`Cannot send to the topic ${topic}: its ${codec} gave ${show(bytes)}, expected a Uint8Array`);
}

/** The value and the key of a message, or a promise of them. Rejects with `ERR_OFFLOOP_CODEC`. */
export function decode(writing: Writing, message: IncomingMessage): Decoded | Promise<Decoded> {
  try {
    const key = message.key === undefined ? undefined : writing.keyCodec.decode(message.key);
    const value = message.value === null ? null : writing.codec.decode(message.value);
    if (!isThenable(key) && !isThenable(value)) return { key, value };
    return Promise.all([key, value]).then(
      ([key, value]) => ({ key, value }),
      (error) => {
        throw decodeError(writing.name, message, error);
      },
    );
  } catch (error) {
    throw decodeError(writing.name, message, error);
  }
}

/** A message as a codec has read it. */
export interface Decoded {
  readonly key: unknown;
  readonly value: unknown;
}

function decodeError(topic: string, { partition, position }: IncomingMessage, cause: unknown): OffloopError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new OffloopError(
    'ERR_OFFLOOP_CODEC',
    `Cannot decode message ${position} of partition ${partition} of the topic ${topic}: ${why}`,
    { cause },
  );
}

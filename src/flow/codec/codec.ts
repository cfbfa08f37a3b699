/** How values become bytes and back, and errors that say which message it was. @module */

import { inspect } from 'node:util';
import { argumentError, OffloopError } from '../../base/errors.ts';
import { bare } from '../../base/options.ts';
import { Promise } from '../../base/intrinsics.ts';
import { isThenable } from '../../base/thenable.ts';

/** The facts that are known of a message. */
export interface MessageFacts {
  readonly topic?: string | undefined;
  readonly key?: unknown;
  readonly partition?: unknown;

  /** Where it stands in its topic, partition or source. */
  readonly position?: unknown;
}

/** Both functions of a codec: plain, `async` or wrapped. */
export interface CodecFunctions<T> {
  encode(value: T): Uint8Array | PromiseLike<Uint8Array>;
  decode(bytes: Uint8Array): T | PromiseLike<T>;
}

/** Makes bytes of values, and values of bytes. A promise is given where a function of the codec gives one. */
export interface Codec<T> {
  /** @throws {OffloopError} `ERR_OFFLOOP_CODEC` if the function fails, or gives no bytes; `cause` is its error. */
  encode(value: T, message?: MessageFacts): Uint8Array | Promise<Uint8Array>;

  /** @throws {OffloopError} `ERR_OFFLOOP_CODEC` if the function fails, with what is known of the message. */
  decode(bytes: Uint8Array, message?: MessageFacts): T | Promise<T>;
}

/**
 * A codec of two functions. Wrapped ones run off the loop; then both methods give promises. Where a function fails, the error
 * names the message.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `encode` or `decode` is no function.
 *
 * @example
 * ```ts
 * const type = avro.Type.forSchema({ type: 'string' });
 * const text = codec({ encode: (value: string) => type.toBuffer(value), decode: (bytes) => type.fromBuffer(Buffer.from(bytes)) });
 * ```
 */
export function codec<T>(functions: CodecFunctions<T>): Codec<T> {
  const given: Partial<CodecFunctions<T>> = typeof functions === 'object' && functions !== null ? functions : {};
  for (const name of ['encode', 'decode'] as const) {
    if (typeof given[name] !== 'function')
      throw argumentError(`Cannot make a codec: expected ${name} to be a function, received ${typeof given[name]}`);
  }
  // The functions may be methods of a class.
  const encode = (value: T): Uint8Array | PromiseLike<Uint8Array> => functions.encode(value);
  const decode = (bytes: Uint8Array): T | PromiseLike<T> => functions.decode(bytes);
  return {
    encode: (value, message) => attempt('encode', () => encode(value), message, checkedBytes),
    decode: (bytes, message) =>
      attempt(
        'decode',
        () => decode(bytes),
        message,
        (value) => value,
      ),
  };
}

/** Gives the result of `run`, or an error that names the message. */
function attempt<T>(
  action: 'encode' | 'decode',
  run: () => T | PromiseLike<T>,
  message: MessageFacts | undefined,
  check: (value: T) => T,
): T | Promise<T> {
  try {
    const made = run();
    if (!isThenable(made)) return check(made);
    return Promise.resolve(made)
      .then(check)
      .catch((error: unknown) => {
        throw codecError(action, error, message);
      });
  } catch (error) {
    throw codecError(action, error, message);
  }
}

function checkedBytes(value: Uint8Array): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`encode gave ${value === null ? 'null' : typeof value}, and not a Uint8Array`);
}

function codecError(action: string, cause: unknown, message: MessageFacts | undefined): OffloopError {
  const why = cause instanceof Error ? cause.message : inspect(cause);
  return new OffloopError('ERR_OFFLOOP_CODEC', `Cannot ${action} ${nameOf(message)}: ${why}`, { cause });
}

/** Names a message by what is known of it. */
export function nameOf(message: MessageFacts | undefined): string {
  const { topic, key, partition, position } = bare(message ?? {});
  const facts = [
    topic !== undefined && `of topic ${topic}`,
    partition !== undefined && `partition ${inspect(partition)}`,
    position !== undefined && `position ${inspect(position)}`,
    key !== undefined && `key ${inspect(key)}`,
  ].filter(Boolean);
  return ['the message', ...(facts.length > 0 ? [facts.join(', ')] : [])].join(' ');
}

/** Decodes the items of any source, for the option `pipe`. @module */

import { argumentError } from '../../base/errors.ts';
import type { Delivery } from '../../streams/run/delivery.ts';
import type { AnyIterable, StageOptions } from '../../streams/index.ts';
import { Origin } from '../../streams/sources/origin.ts';
import type { OriginOptions } from '../../streams/sources/origin.ts';
import { policyOf, sizeOf, stageOptions } from '../../streams/arguments/options.ts';
import { Stream } from '../../streams/stream.ts';
import { Watch } from '../run/watch.ts';
import type { Codec, MessageFacts } from './codec.ts';

/**
 * Makes a function for the option `pipe` of `handle`, or for any stream, that decodes each item. One that cannot be decoded is
 * an error with its key, if it comes with an event that has one, and with its position among the items.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `codec` cannot decode, or an option is unknown or out of range.
 *
 * @example
 * ```ts
 * handle(socket, { pipe: [decoding(jsonCodec<Order>())] })((order) => book(order));
 * ```
 */
export function decoding<T>(codec: Codec<T>, options?: StageOptions): (items: AnyIterable<Uint8Array>) => Stream<T> {
  const { decode } = (codec ?? {}) as Partial<Codec<T>>;
  if (typeof decode !== 'function')
    throw argumentError(`Cannot decode items: expected a codec, received something with decode: ${typeof decode}`);
  if (options !== undefined) stageOptions('decoding', options);
  return (items) => {
    let watch: Watch | undefined;
    // The stream that a message comes from says how one is treated that cannot be decoded.
    const { policy, maxSize } = items instanceof Stream ? items.origin.options : ownOptions();
    const origin = new Origin([items], { policy, maxSize, signal: undefined });
    const watched = new Stream<Uint8Array>(origin, [{ kind: 'open', open: (source) => (watch = new Watch(source)) }]);
    return watched.map((bytes, index) => codec.decode(bytes, factsOf(watch?.delivery, index)), options);
  };
}

function ownOptions(): Pick<OriginOptions, 'policy' | 'maxSize'> {
  return { policy: policyOf('decoding', {}), maxSize: sizeOf({}) };
}

/** The place of an event's message, or else its number. */
function factsOf(delivery: Delivery | undefined, index: number): MessageFacts {
  const event = delivery?.events.length === 1 ? delivery.events[0] : undefined;
  const { topic, partition, position = index } = (event?.message ?? {}) as Partial<Record<keyof MessageFacts, unknown>>;
  return { topic: typeof topic === 'string' ? topic : undefined, partition, position, key: event?.key };
}

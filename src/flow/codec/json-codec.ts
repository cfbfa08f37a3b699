/** Values as JSON. @module */

import { TextDecoder, TextEncoder } from 'node:util';
import { codec } from './codec.ts';
import type { Codec } from './codec.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * A codec of JSON in UTF-8. A value that JSON has no form for, such as `undefined` or a function, is refused; what is inside
 * a value becomes what `JSON.stringify` makes of it.
 *
 * @example
 * ```ts
 * const emoji = topic('emoji', { transport, codec: jsonCodec<{ msg: string }>() });
 * ```
 */
export function jsonCodec<T = unknown>(): Codec<T> {
  return codec<T>({
    encode(value) {
      const text = JSON.stringify(value) as string | undefined;
      if (text === undefined) throw new TypeError(`JSON has no form for ${typeof value}`);
      return encoder.encode(text);
    },
    decode: (bytes) => JSON.parse(decoder.decode(bytes)) as T,
  });
}

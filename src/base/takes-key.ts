/** Says of a sink that it takes a key and a value. @module */

/** The property that is `true` of a sink which is called with a key and a value, such as a cache. */
export const takesKey: unique symbol = Symbol.for('offloop.takesKey@1') as never;

/** A sink that is called with a key and a value. */
export interface KeySink<K = never, V = never> {
  (key: K, value: V): unknown;
  readonly [takesKey]: true;
}

/** Whether `value` is called with a key and a value. */
export function isKeySink(value: unknown): value is KeySink<unknown, unknown> {
  return typeof value === 'function' && (value as Partial<KeySink>)[takesKey] === true;
}

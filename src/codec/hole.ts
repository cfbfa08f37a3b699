/** What structured clone would lose or refuse travels as holes: where to put what, once the rest has arrived. @module */

/** What is to be done at a hole. */
export type HoleKind =
  | 'buffer'
  | 'error'
  | 'fields'
  | 'file'
  | 'function'
  | 'instance'
  | 'iterable'
  | 'map'
  | 'params'
  | 'prototype'
  | 'set'
  | 'shared'
  | 'signal'
  | 'url';

/**
 * `[container, key, kind, payload]`: `container[key]` becomes the value that `payload` stands for. Structured clone keeps
 * identity within a message, so the container in the hole is the one in the values, and nothing has to be searched.
 * Holes are filled in their order.
 *
 * Four kinds have no key. `map` and `set` fill the empty collection `container` from the flat list `payload`, `fields`
 * gives the error made of the payload `container` its fields, `prototype` makes `container` an instance of the class that
 * is registered as `payload`, or as {@link InstanceFacts} in it say.
 */
export type Hole = [container: object, key: string | number | undefined, kind: HoleKind, payload: unknown];

/** What makes an instance of something that structured clone keeps the content of. */
export interface InstanceFacts {
  /** The name under which its class is registered. */
  readonly name: string;

  /** What is made of the container, if that is a payload itself. */
  readonly kind?: HoleKind | undefined;

  /** The fields that it has beside its content. */
  readonly fields?: object | undefined;
}

/** As `container[key] = value`, but for any key: `__proto__` is a key like others. */
export function assign(container: object, key: string | number, value: unknown): void {
  if (key === '__proto__') define(container, key, value);
  else (container as Record<string | number, unknown>)[key] = value;
}

/** Gives `container` a property as an assignment makes one, whatever its prototype has under that name. */
export function define(container: object, key: string | number, value: unknown): void {
  Object.defineProperty(container, key, { value, enumerable: true, configurable: true, writable: true });
}

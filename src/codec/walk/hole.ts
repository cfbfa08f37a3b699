/** Holes: parts that structured clone would lose or refuse, and where to put them when the rest has arrived. @module */

/** How the value at a hole is made. */
export type HoleKind =
  | 'buffer'
  | 'error'
  | 'fields'
  | 'file'
  | 'function'
  | 'instance'
  | 'iterable'
  | 'live'
  | 'map'
  | 'params'
  | 'prototype'
  | 'set'
  | 'shared'
  | 'signal'
  | 'url';

/**
 * `[container, key, kind, payload]`: `container[key]` becomes the value that is made from `payload`. Structured clone
 * keeps identity within a message, so the container in the hole is the same object as the one in the values, and
 * nothing has to be searched. Holes are filled in order.
 *
 * Four kinds have no key. `map` and `set` fill the empty collection `container` from the flat list `payload`; `fields`
 * gives the error that was made from the payload `container` its fields; `prototype` makes `container` an instance of
 * the class that is registered as `payload`, a name or {@link InstanceFacts}.
 */
export type Hole = [container: object, key: string | number | undefined, kind: HoleKind, payload: unknown];

/** Makes a value with content that structured clone keeps, such as a `Map`, an instance of a registered class. */
export interface InstanceFacts {
  /** The name under which the class is registered. */
  readonly name: string;

  /** How the value is made, if the container is a payload itself. */
  readonly kind?: HoleKind | undefined;

  /** The fields that the value has beside its content. */
  readonly fields?: object | undefined;
}

/** As `container[key] = value`, but `__proto__` is a key like any other. */
export function assign(container: object, key: string | number, value: unknown): void {
  if (key === '__proto__') define(container, key, value);
  else (container as Record<string | number, unknown>)[key] = value;
}

/** Defines a property as an assignment would, ignoring setters and read-only properties of the prototype. */
export function define(container: object, key: string | number, value: unknown): void {
  Object.defineProperty(container, key, { value, enumerable: true, configurable: true, writable: true });
}

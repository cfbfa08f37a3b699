/** What structured clone would lose or refuse travels as holes: where to put what, once the rest has arrived. @module */

/** How the payload of a hole is turned back into a value. */
export type HoleKind = 'buffer' | 'error' | 'function' | 'instance' | 'map' | 'params' | 'set' | 'signal' | 'url';

/**
 * `[container, key, kind, payload]`: `container[key]` is the value that `payload` stands for. Structured clone keeps
 * identity within a message, so the container in the hole is the one in the values, and nothing has to be searched.
 * For `map` and `set`, `container` is the empty collection itself and `payload` its flat list of entries.
 */
export type Hole = [container: object, key: string | number | undefined, kind: HoleKind, payload: unknown];

/** The traps of proxies that stand for something elsewhere: to change the proxy itself would change nothing there. @module */

import { argumentError } from './errors.ts';

type Fixed = Required<
  Pick<
    ProxyHandler<object>,
    | 'defineProperty'
    | 'deleteProperty'
    | 'getOwnPropertyDescriptor'
    | 'getPrototypeOf'
    | 'ownKeys'
    | 'preventExtensions'
    | 'setPrototypeOf'
  >
>;

/**
 * Refuses all that would change the proxy; it has no properties of its own, and shows `prototype`. `what` says what the
 * proxy is, and `cure` how the other side is changed.
 */
export function fixedTraps(what: string, prototype: object | null, cure: string): Fixed {
  const refuse = (action: string): never => {
    throw argumentError(`Cannot ${action} ${what}: it lives elsewhere. ${cure}`);
  };
  return {
    defineProperty: (_, key) => refuse(`define ${String(key)} of`),
    deleteProperty: (_, key) => refuse(`delete ${String(key)} of`),
    // Freezing and sealing begin with this.
    preventExtensions: () => refuse('freeze, seal or close'),
    setPrototypeOf: (_, wanted) => wanted === prototype || refuse('set the prototype of'),
    getPrototypeOf: () => prototype,
    getOwnPropertyDescriptor: () => undefined,
    ownKeys: () => [],
  };
}

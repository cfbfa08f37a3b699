/** What no program may do with a proxy of the library: each way is refused with a code, and nothing has changed. @module */

import { expect } from 'vitest';

const symbol = Symbol('mine');
const changes: Readonly<Record<string, (proxy: Record<string | symbol, unknown>) => unknown>> = {
  assign: (proxy) => (proxy['names'] = 1),
  'assign a symbol': (proxy) => (proxy[symbol] = 1),
  'assign what is not there': (proxy) => (proxy['then'] = 1),
  'assign the prototype': (proxy) => (proxy['__proto__'] = {}),
  'Reflect.set': (proxy) => Reflect.set(proxy, 'names', 1),
  defineProperty: (proxy) => Object.defineProperty(proxy, 'names', { value: 1, configurable: true }),
  'Reflect.defineProperty': (proxy) => Reflect.defineProperty(proxy, symbol, { value: 1 }),
  delete: (proxy) => delete proxy['names'],
  'Reflect.deleteProperty': (proxy) => Reflect.deleteProperty(proxy, symbol),
  setPrototypeOf: (proxy) => void Object.setPrototypeOf(proxy, {}),
  'setPrototypeOf null': (proxy) => Reflect.setPrototypeOf(proxy, null),
  preventExtensions: (proxy) => Object.preventExtensions(proxy),
  'Reflect.preventExtensions': (proxy) => Reflect.preventExtensions(proxy),
  seal: (proxy) => Object.seal(proxy),
  freeze: (proxy) => Object.freeze(proxy),
};

/** Tries everything. */
export function expectFixed(proxy: object): void {
  const prototype = Object.getPrototypeOf(proxy) as object;
  const it = proxy as Record<string | symbol, unknown>;
  for (const [name, change] of Object.entries(changes)) {
    let error: unknown;
    try {
      change(it);
    } catch (thrown) {
      error = thrown;
    }
    expect([name, (error as { code?: unknown } | undefined)?.code]).toEqual([name, 'ERR_OFFLOOP_ARGUMENT']);
    expect([name, (error as Error).message]).toEqual([name, expect.stringMatching(/^Cannot .*(method|set\()/)]);
  }
  // What the proxy is already may be said again.
  expect(Object.setPrototypeOf(proxy, prototype)).toBe(proxy);
  expect([Object.getPrototypeOf(proxy), Reflect.ownKeys(proxy), Object.isExtensible(proxy)]).toEqual([
    prototype,
    [],
    true,
  ]);
  expect([Object.isFrozen(proxy), Object.getOwnPropertyDescriptor(proxy, 'names'), it[symbol], it['then']]).toEqual([
    false,
    undefined,
    undefined,
    undefined,
  ]);
}

/** Wrapped methods, by the decorators of `experimentalDecorators`. @module */

import { queueMicrotask } from '../base/intrinsics.ts';
import type { MethodContext } from './method.ts';

/** What a legacy method decorator is called with. */
export interface LegacyMethod {
  /** The method itself; `undefined` if something else is decorated. */
  readonly fn: unknown;
  readonly context: MethodContext;
}

/**
 * Reads the arguments of a legacy decorator: the class of a static method or the prototype of another, the key, and the
 * descriptor, which a field has not. Gives `undefined` for arguments of another kind.
 */
export function legacyMethod(target: unknown, key: unknown, rest: readonly unknown[]): LegacyMethod | undefined {
  if (rest.length === 0 || (typeof key !== 'string' && typeof key !== 'symbol')) return undefined;
  const isStatic = typeof target === 'function';
  if (!isStatic && (typeof target !== 'object' || target === null)) return undefined;
  const { value, get, set } = (rest[0] ?? {}) as PropertyDescriptor;
  const kind = typeof value === 'function' ? 'method' : get ? 'getter' : set ? 'setter' : 'field';
  const context: MethodContext = {
    kind,
    name: key,
    static: isStatic,
    private: false,
    // The class is there, but its members are replaced only when the decorators have returned. Methods of instances keep
    // their wrapper until the class is registered: frameworks look for the routes of a class among its plain methods.
    addInitializer(initializer) {
      if (!isStatic) return;
      Reflect.apply(initializer, target, []);
      queueMicrotask(() => Reflect.apply(initializer, target, []));
    },
  };
  return { fn: value, context };
}

/** The functions of `reflect-metadata`, where a program has loaded it. */
interface Metadata {
  getOwnMetadataKeys?(target: object): unknown[];
  getOwnMetadata?(key: unknown, target: object): unknown;
  defineMetadata?(key: unknown, value: unknown, target: object): void;
}

/** The descriptor of the decorated method, whose wrapper takes over what the decorators below have noted with the method. */
export function replaced(descriptor: unknown, fn: object, wrapper: object): PropertyDescriptor {
  const { getOwnMetadataKeys, getOwnMetadata, defineMetadata } = Reflect as Metadata;
  for (const key of getOwnMetadataKeys?.(fn) ?? []) defineMetadata?.(key, getOwnMetadata?.(key, fn), wrapper);
  return { ...(descriptor as PropertyDescriptor), value: wrapper };
}

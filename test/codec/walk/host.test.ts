/** Which objects are the platform's. @module */

import { afterEach, describe, expect, test } from 'vitest';
import { isOfPlatform } from '../../../src/codec/walk/host.ts';

describe('an object is of the platform', () => {
  const enumerable = (value: boolean): unknown => Object.defineProperty(globalThis, 'WeakMap', { enumerable: value });
  afterEach(() => enumerable(false));

  test('if its class is a global that is built in, listed or not', () => {
    expect(isOfPlatform(new WeakMap())).toBe(true);
    enumerable(true);
    expect(isOfPlatform(new WeakMap())).toBe(true);
    expect(isOfPlatform(new (class extends WeakMap {})())).toBe(true);
  });

  test('but not if the program made the global', () => {
    class Made {
      a = 1;
    }
    Object.assign(globalThis, { Made });

    expect(isOfPlatform(new Made())).toBe(false);
    Reflect.deleteProperty(globalThis, 'Made');
  });
});

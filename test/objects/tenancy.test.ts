/** The objects of one home: only listed members are reached, whatever the other side asks for. @module */

import { describe, expect, test } from 'vitest';
import { membersOf, staticsOf } from '../../dist/src/objects/tenancy/members.js';
import { Tenancy } from '../../dist/src/objects/tenancy/tenancy.js';

class Base {
  inherited(): string {
    return 'inherited';
  }
}

class Vault extends Base {
  static made = 1;
  static make(): string {
    return 'made';
  }
  open = 1;
  readonly code = 2;
  #secret = 3;
  get secret(): number {
    return this.#secret;
  }
  set only(value: number) {
    this.#secret = value;
  }
  act = (): string => 'acted';
  method(): string {
    return 'method';
  }
  *items(): Generator<number> {
    yield 1;
  }
  then(): void {}
  toJSON(): void {}
}

function vault(): Tenancy {
  const tenancy = new Tenancy(1, Vault, 0);
  tenancy.start([]);
  return tenancy;
}

const notFound = expect.objectContaining({ code: 'ERR_OFFLOOP_NOT_FOUND' }) as Error;

describe('the members of an object', () => {
  test('are those of its class, of the classes that this extends, and its fields', () => {
    expect({ ...membersOf(new Vault()) }).toEqual({
      open: 12,
      code: 12,
      act: 1,
      secret: 4,
      only: 8,
      method: 1,
      items: 2,
      inherited: 1,
    });
    expect({ ...staticsOf(Vault) }).toEqual({ made: 12, make: 1 });
    expect('hasOwnProperty' in membersOf(new Vault())).toBe(false);
  });

  test.each([
    'constructor',
    '__proto__',
    'then',
    'toJSON',
    'hasOwnProperty',
    'toString',
    '__defineGetter__',
    'nothing',
  ])('do not have %s, which is neither called, iterated over, read nor set', (name) => {
    const it = vault();

    expect(() => it.call(0, name, ['return process'])).toThrow(notFound);
    expect(() => it.iterate(0, name, [])).toThrow(notFound);
    expect(() => it.read(0, name)).toThrow(notFound);
    expect(() => it.write(0, name, {})).toThrow(notFound);
    expect(Object.getPrototypeOf(Vault.prototype)).toBe(Base.prototype);
  });

  test.each(['constructor', '__proto__', 'prototype', 'call', 'apply', 'bind', 'name'])(
    'of the class do not have %s',
    (name) => {
      const it = vault();

      expect(() => it.call(-1, name, ['return process'])).toThrow(notFound);
      expect(() => it.read(-1, name)).toThrow(notFound);
      expect(() => it.write(-1, name, {})).toThrow(notFound);
    },
  );

  test('are used only as what they are', () => {
    const it = vault();

    expect(it.call(0, 'act', [])).toBe('acted');
    expect(() => it.read(0, 'method')).toThrow(notFound);
    expect(() => it.call(0, 'open', [])).toThrow(notFound);
    expect(() => it.write(0, 'secret', 1)).toThrow(notFound);
    expect(() => it.write(0, 'method', 1)).toThrow(notFound);
    expect(() => it.read(0, 'only')).toThrow(notFound);
  });

  test('are gone with the object', async () => {
    const it = vault();
    await it.settle(0, Infinity);
    const closed = expect.objectContaining({ code: 'ERR_OFFLOOP_CLOSED' }) as Error;

    expect(() => it.call(0, 'method', [])).toThrow(closed);
    await it.dispose(0);
    expect(() => it.read(0, 'open')).toThrow(closed);
    expect(() => it.call(7, 'method', [])).toThrow(closed);
  });
});

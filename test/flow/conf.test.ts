/** Defaults that a program gives once. @module */

import { conf, createConf } from 'offloop/flow';
import { describe, expect, test } from 'vitest';

describe('conf', () => {
  test('merges what it is given, and is read where something is made', () => {
    const defaults = createConf();
    const topic = (options: object): { readonly conf: object } => ({ conf: { ...defaults(), ...options } });
    defaults({ servers: 'localhost:29091', group: 'default-demo' });
    const first = topic({ servers: 'localhost:29092' });
    defaults({ protocol: 'SASL_SSL', mechanism: 'PLAIN', username: 'myuser', password: 'mypass' });
    const second = topic({ group: 'demo' });

    expect(first.conf).toEqual({ servers: 'localhost:29092', group: 'default-demo' });
    expect(second.conf).toEqual({
      servers: 'localhost:29091',
      group: 'demo',
      protocol: 'SASL_SSL',
      mechanism: 'PLAIN',
      username: 'myuser',
      password: 'mypass',
    });
  });

  test('gives values that later calls do not change', () => {
    const defaults = createConf();
    const before = defaults({ a: 1 });
    defaults({ a: 2, b: 3 });

    expect(before).toEqual({ a: 1 });
    expect(defaults()).toEqual({ a: 2, b: 3 });
    expect(Object.isFrozen(defaults())).toBe(true);
    expect(defaults({ a: undefined })).toEqual({ b: 3 });
  });

  test('has nothing that it was not given, whatever others put on Object.prototype', () => {
    const defaults = createConf();
    defaults(JSON.parse('{ "__proto__": { "polluted": true } }') as object as never);

    expect(defaults()['polluted']).toBe(undefined);
    expect(defaults()['toString']).toBe(undefined);
  });

  test('of the program is one', () => {
    conf({ flowTest: 1 });
    expect(conf()['flowTest']).toBe(1);
    expect(conf({ flowTest: undefined })['flowTest']).toBe(undefined);
  });

  test.each([null, 'text', 5])('refuses %s', (values) => {
    const refusal = expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }) as object;
    expect(() => createConf()(values as never)).toThrow(refusal);
  });
});

import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Address } from '../../../src/address/address.ts';
import { explainThrown, noModule, notFound, reentry } from '../../../src/address/find/explain.ts';
import { createViewCache, sharedView } from '../../../src/address/load/view-cache.ts';

const path = `${process.cwd()}/main.mjs`;

function addressOf(changes: Partial<Address> = {}): Address {
  return {
    index: 0,
    name: 'work',
    signature: 'Function/1',
    hash: '',
    signatures: [],
    top: true,
    exported: false,
    inside: undefined,
    at: `${pathToFileURL(path).href}:2:48`,
    ...changes,
    entry: undefined,
    module: {
      url: pathToFileURL(path).href,
      format: 'module',
      generation: 0,
      foreign: false,
      base: pathToFileURL(`${process.cwd()}/`).href,
      viewMode: 'first',
      view: {
        sources: [],
        positions: [],
        methods: [],
        libraries: [],
        cache: createViewCache(),
        early: new Int32Array(1),
      },
    },
  };
}

describe('notFound', () => {
  test('tells to wrap a function at the top level', () => {
    const error = notFound(addressOf({ top: false, inside: 'main' }), []);

    expect(error.code).toBe('ERR_OFFLOOP_NOT_FOUND');
    expect(error.message).toBe(
      'Cannot find work: it was not registered when a worker thread loaded its module; main.mjs registered nothing. ' +
        'It was wrapped inside main (main.mjs:2:48): wrap it at the top level of a module, where a thread can find it',
    );
  });

  test('tells what else there is to do if only the main thread has called the function around it', () => {
    const address = addressOf({ top: false, inside: 'make' });
    const cure =
      'at the top level of a module, where a thread can find it; or call make in a statement of its own there, under no condition';

    expect(notFound(address, [], [], 'make').message).toContain(cure);
    expect(notFound(address, [], ['k'], 'make').message).toContain(
      'of a module; or call make in a statement of its own',
    );
  });

  test('names the variables that a function inside another one uses', () => {
    const error = notFound(addressOf({ top: false, inside: 'main' }), [], ['k', 'item']);

    expect(error.code).toBe('ERR_OFFLOOP_CAPTURE');
    expect(error.message).toBe(
      'Cannot run work in a worker thread: it uses k and item of the function around it (main, main.mjs:2:48), ' +
        'which no other thread has. Pass them as arguments, and wrap work at the top level of a module',
    );
  });

  test('tells that the module registers other functions in a thread', () => {
    const error = notFound(addressOf({ at: `${path}:2:48` }), ['b', '']);

    expect(error.code).toBe('ERR_OFFLOOP_NOT_FOUND');
    expect(error.message).toContain('main.mjs registered b and <anonymous>. Number 0 is b there: ');
    expect(error.message).toContain('in a worker thread than in the main thread (main.mjs:2:48)');
  });
});

describe('explainThrown', () => {
  test('names the variable that a worker view left out, and the line', () => {
    const address = addressOf();
    const mainOnly = { base: { line: 4, text: 'base = await first(1)', dispatch: true } };
    sharedView(address.module.view.cache, '', () => ({ code: '', leftOut: [], mainOnly, refused: {}, whole: false }));
    const thrown = new ReferenceError('base is not defined');

    const error = explainThrown(thrown, address);

    expect(error).toMatchObject({ code: 'ERR_OFFLOOP_CAPTURE', cause: thrown });
    expect(error).toHaveProperty(
      'message',
      'Cannot run work in a worker thread: it uses base, which only the main thread has: ' +
        'line 4 of main.mjs gets it from a threaded call (base = await first(1)). Pass base as an argument',
    );
    expect(explainThrown(new ReferenceError('toString is not defined'), address)).toBeInstanceOf(ReferenceError);
  });

  test.each([new ReferenceError('base is not defined'), new TypeError('no'), undefined, 0])(
    'gives %s back as it is',
    (thrown) => {
      expect(explainThrown(thrown, addressOf())).toBe(thrown);
    },
  );
});

test('noModule tells to give the option where the runtime does not tell the place', () => {
  expect(noModule('f', 'unknown').message).toContain('the option `module: import.meta.url`');
});

test('noModule tells where the function is, and where it should be', () => {
  const error = noModule('', '[eval]:1:34');

  expect(error.code).toBe('ERR_OFFLOOP_NO_MODULE');
  expect(error.message).toContain('Cannot run <anonymous> in a worker thread: it has no module');
  expect(error.message).toContain('[eval]:1:34');
});

test('reentry tells which function was called again', () => {
  const error = reentry(pathToFileURL(path).href, 'work');

  expect(error.code).toBe('ERR_OFFLOOP_REENTRY');
  expect(error.message).toContain(
    'Cannot load main.mjs in a worker thread: its top-level code ran again there and called work',
  );
});

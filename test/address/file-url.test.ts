import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { canonical, pathOf, realUrl, shortName, withQuery } from '../../src/address/file-url.ts';

const path = resolve('a folder', '100%#1.mjs');
const url = pathToFileURL(path).href;

test.each([
  ['file:///a.mjs', 'file:///a.mjs?offloop=1'],
  ['file:///a.mjs?v=1', 'file:///a.mjs?v=1&offloop=1'],
  ['file:///a.mjs?v=1#top', 'file:///a.mjs?v=1&offloop=1#top'],
  ['file:///a.mjs#top?', 'file:///a.mjs?offloop=1#top?'],
])('withQuery adds to %s', (given, expected) => {
  expect(withQuery(given, 'offloop=1')).toBe(expected);
});

test('pathOf gives the path of a file URL only', () => {
  expect(pathOf(`${url}?v=1#top`)).toBe(path);
  expect(pathOf('data:text/javascript,1')).toBeUndefined();
});

test('canonical is the same for a URL and a path of the same file', () => {
  expect(canonical(`${url}?v=1`)).toBe(canonical(path));
  expect(canonical(url)).not.toBe(canonical(`${path}x`));
});

test('realUrl leaves alone what is no link, or no file', () => {
  expect(realUrl(`${url}?v=1`)).toBe(`${url}?v=1`);
  expect(realUrl('data:text/javascript,1')).toBe('data:text/javascript,1');
});

describe('shortName', () => {
  test('is relative below the working directory', () => {
    expect(shortName(`${url}?v=1`)).toBe(join('a folder', '100%#1.mjs'));
    expect(shortName(path)).toBe(join('a folder', '100%#1.mjs'));
    expect(shortName(resolve('..', 'b.mjs'))).toBe(resolve('..', 'b.mjs'));
  });

  test('is cut short for what has no path', () => {
    expect(shortName('[eval]')).toBe('[eval]');
    expect(shortName(`data:text/javascript,${'x'.repeat(100)}`)).toHaveLength(81);
  });
});

// What the slicer is tried on: one file of each of these packages, all of it in one module.

const bytes = (length) => Uint8Array.from({ length }, (_, i) => (i * i + 7 * i) % 251);

/**
 * `samples` are values that the library can make something of; `within` is an export that holds the functions; of
 * `every` so many functions one is tried.
 */
export const libraries = [
  {
    name: 'underscore',
    file: 'underscore/underscore-esm.js',
    samples: [[3, 1, 2], [{ a: 1, b: 2 }, { a: 2 }], { a: 1, b: [2] }, (x) => x, 'a'],
  },
  { name: 'rambda', file: 'rambda/dist/rambda.js', samples: ['a', [3, 1, 2], { a: 1, b: 2 }, (x) => x, 2] },
  {
    name: 'valibot',
    file: 'valibot/dist/index.mjs',
    // It has hundreds that are alike.
    every: 4,
    samples: ['text', 5, /x/, (x) => x, { kind: 'schema', type: 'any', '~run': (d) => d }],
  },
  {
    name: 'superstruct',
    file: 'superstruct/dist/index.mjs',
    samples: ['text', [1], { a: 1 }, (x) => x, /x/],
  },
  { name: 'fflate', file: 'fflate/esm/index.mjs', samples: [bytes(20), bytes(300), 'text', { a: bytes(5) }] },
  { name: 'pako', file: 'pako/dist/pako.cjs.js', format: 'commonjs', samples: [bytes(20), bytes(300), 'text'] },
  {
    name: 'immutable',
    file: 'immutable/dist/immutable.es.js',
    samples: [[3, 1, 2], { a: { b: 1 } }, ['a', 'b'], (x) => x, 'a'],
  },
  { name: 'katex', file: 'katex/dist/katex.mjs', samples: ['x^2', '\\frac{a}{b}', '\\sqrt{x', '\\alpha + \\text{é}'] },
  {
    name: 'js-yaml',
    file: 'js-yaml/dist/js-yaml.cjs.js',
    format: 'commonjs',
    samples: ['a: 1\nb: [2, x]', '- !!set {a}\n- ~', { a: [1, { b: null }] }, 'a: &x 1\nb: *x', '{'],
  },
  {
    name: 'marked',
    file: 'marked/lib/marked.esm.js',
    samples: ['# A\n\n* b\n* `c`', '[a](b "c") **d**', '|a|\n|-|\n|b|'],
  },
  {
    name: 'json5',
    file: 'json5/dist/index.mjs',
    within: 'default',
    samples: ['{a: 1, b: [.5, +1,], }', '// c\n"x"', { a: [1] }],
  },
  {
    name: 'immer',
    file: 'immer/dist/immer.mjs',
    samples: [
      { a: { b: 1 } },
      [1, 2],
      (draft) => {
        draft.a = 2;
      },
      new Map([['a', 1]]),
    ],
  },
  {
    name: 'mustache',
    file: 'mustache/mustache.mjs',
    within: 'default',
    samples: ['{{a}} {{#b}}x{{/b}}', '<{{{a}}}>', { a: '<', b: [1, 2] }],
  },
  {
    name: 'change-case',
    file: 'change-case/dist/index.js',
    samples: ['someText-here', 'XMLHttp request', 'a1B2', 'foo_bar'],
  },
  {
    name: 'path-to-regexp',
    file: 'path-to-regexp/dist/index.js',
    samples: ['/a/:id', '/*rest{/x}', '/a/:"b c"', { id: '5' }, '/a/5'],
  },
  {
    name: 'ini',
    file: 'ini/lib/ini.js',
    format: 'commonjs',
    samples: ['a=1\n[b.c]\nd[]=x', { a: 1, b: { c: [1, 2] } }, '; c\nx = "y"'],
  },
  { name: 'luxon', file: 'luxon/build/es6/luxon.mjs', samples: [{ year: 2020 }, '2020-02-30', 5, 'utc'] },
  { name: 'decimal.js', file: 'decimal.js/decimal.mjs', samples: ['1.5', 7, '1e-9', '0x1f', -3] },
];

/** Exports that are not tried, by library: names, and why. */
export const leftOut = {
  fflate: [
    {
      names: /^(?:gzip|gunzip|zlib|unzlib|deflate|inflate|zip|unzip|compress|decompress)$/,
      reason: 'starts worker threads of its own and answers by callback',
    },
    { names: /^Async|^Unzip$|^Zip/, reason: 'classes that start worker threads of their own' },
  ],
  underscore: [{ names: /^(?:delay|defer|debounce|throttle)$/, reason: 'sets timers and gives no answer' }],
};

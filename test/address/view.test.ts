import { readdirSync, readFileSync } from 'node:fs';
import { compileFunction } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { workerView, workerViewInTurns } from '../../dist/src/address/view/worker-view.js';
import type { ViewOptions, WorkerView } from '../../dist/src/address/view/worker-view.js';

function slice(code: string, options: Partial<ViewOptions> = {}, rules?: Parameters<typeof workerView>[2]): WorkerView {
  const given = {
    format: 'module',
    libraries: ['offloop'],
    sources: [],
    positions: [],
    methods: [],
    leftOut: [],
  } as const;
  return workerView(code, { ...given, ...options }, rules);
}

/** The view of a module that imports `threaded`, without the stubs at its end. */
function view(code: string, options: Partial<ViewOptions> = {}): string {
  return body(slice(`import { threaded } from 'offloop';\n${code}`, options));
}

const body = ({ code }: WorkerView): string =>
  code.replace(/\n;function __offloop_stub\(.*?\}(?= const| module| export)/s, '\n;');

/** A view without its blanks. */
const dense = (code: string): string =>
  code
    .replace(/[\s;]+/g, ' ')
    .replace(/ ,/g, ',')
    .trim();

function load(code: string): Promise<Record<string, unknown>> {
  return import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`) as Promise<
    Record<string, unknown>
  >;
}

function requireText(code: string): Record<string, unknown> {
  const module = { exports: {} as Record<string, unknown> };
  compileFunction(code, ['module', 'exports'])(module, module.exports);
  return module.exports;
}

type Case = [title: string, code: string, kept: string[], gone: string[], options?: Partial<ViewOptions>];

const lowered = `var __awaiter = (this && this.__awaiter) || function (thisArg, _arguments, P, generator) {
    return new (P || (P = Promise))(function (resolve) { resolve(generator.apply(thisArg, _arguments || []).next().value); });
};
var Color;
(function (Color) {
    Color["Red"] = "RED";
})(Color || (Color = {}));
var NS;
(function (NS) {
    NS.v = 'NSV';
})(NS || (NS = {}));
var Un;
(function (Un) {
    Un["Y"] = "UNUSED";
})(Un || (Un = {}));
class A {
    constructor(p) {
        this.p = p;
    }
    get q() { return this.p; }
}
class B extends A {
}
const f = threaded(() => [Color.Red, NS.v, new B('x').q]);
`;

describe('what a threaded function needs', () => {
  test.each<Case>([
    [
      'is not what its own names hide',
      `const x = 'TOPX', y = 'TOPY', z = 'TOPZ'; const f = threaded((x) => { let y = 1; { const z = 2; } return x + y + z; });`,
      ['TOPZ'],
      ['TOPX', 'TOPY'],
    ],
    [
      'is not what a hoisted var hides',
      `const q = 'TOPQ'; const f = threaded(() => { if (1) { var q = 1; } return q; });`,
      [],
      ['TOPQ'],
    ],
    [
      'is not what a function of a block hides',
      `function g() { return 'TOPG'; } const f = threaded(() => { { function g() {} g(); } return 1; });`,
      [],
      ['TOPG'],
    ],
    [
      'is not what its own name hides',
      `const rec = 'TOPREC'; const f = threaded(function rec(n) { return n ? rec(n - 1) : 0; });`,
      [],
      ['TOPREC'],
    ],
    [
      'is not what a caught error hides',
      `const e = 'TOPE', m = 'TOPM'; const f = threaded(() => { try { } catch (e) { return e + m; } });`,
      ['TOPM'],
      ['TOPE'],
    ],
    [
      'includes defaults and computed keys of parameters',
      `const D = 'TOPD', K = 'TOPK', U = 'U!'; const f = threaded(({ [K]: a = D } = {}) => a);`,
      ['TOPD', 'TOPK'],
      ['U!'],
    ],
    [
      'includes shorthand properties but no keys',
      `const a = 'TOPA', b = 'TOPB'; const f = threaded(() => ({ a: 1, b }));`,
      ['TOPB'],
      ['TOPA'],
    ],
    ['is not what members are called', `const length = 'TOPL'; const f = threaded((s) => s.length);`, [], ['TOPL']],
    [
      'is not what labels are called',
      `const lab = 'TOPL'; const f = threaded(() => { lab: for (;;) break lab; });`,
      [],
      ['TOPL'],
    ],
    ['includes template tags', `const tag = (s) => 'TAG'; const f = threaded(() => tag\`x\`);`, [`'TAG'`], []],
    [
      'includes what classes inherit and set up',
      `class A { x = 'TOPA'; } class B extends A { static { B.reg = new Map(); } } class C { n = 'TOPC'; } const f = threaded(() => new B());`,
      ['TOPA', 'B.reg'],
      ['TOPC'],
    ],
    [
      'includes what is defined later',
      `const f = threaded(() => late() + hoisted); function late() { return 'LATE'; } if (1) { var hoisted = 'VAR'; }`,
      [`'LATE'`, `'VAR'`],
      [],
    ],
    [
      'includes names of every kind of destructuring',
      `const { a, b: { c = 'DEF', ...rest } = {}, ...others } = { a: 'OBJ' }, [x, , y = 9] = [1, 2], u = 'UNUSED'; const f = threaded(() => [c, rest, others, y]);`,
      ['OBJ', 'DEF', '...others', 'y = 9'],
      ['UNUSED'],
    ],
    [
      'includes what every branch of a statement gives',
      `switch (1) { case 1: var s = 'SW'; } try { var t = 'TR'; } catch { t = 'CA'; } label: for (var k of ['LB']) break label; const f = threaded(() => [s, t, k]);`,
      ['SW', 'TR', 'CA', 'LB'],
      [],
    ],
    [
      'includes enums, namespaces and classes as TypeScript writes them',
      `${lowered}void (async () => { console.log(await f()); })();`,
      ['RED', 'NSV', 'class A'],
      ['UNUSED', 'console.log', '__awaiter'],
    ],
    [
      'includes them in ES2015',
      `${lowered}void (() => __awaiter(void 0, void 0, void 0, function* () { console.log(yield f()); }))();`,
      ['RED', 'NSV', 'class A'],
      ['UNUSED', 'console.log', '__awaiter'],
    ],
  ])('%s', (_title, code, kept, gone) => {
    const text = view(code);

    for (const part of kept) expect(text).toContain(part);
    for (const part of gone) expect(text).not.toContain(part);
  });
});

describe('a statement stays that fills or configures what is needed', () => {
  test.each<Case>([
    [
      'by a patched prototype',
      `function P() {} P.prototype.m = function () { return 'M'; }; function Q() {} Q.prototype.m = () => 'NQ'; const f = threaded(() => new P().m());`,
      [`'M'`],
      [`'NQ'`],
    ],
    [
      'by another name for the prototype',
      `function P() {} var proto = P.prototype; proto.m = () => 'M'; const f = threaded(() => new P().m());`,
      [`'M'`],
      [],
    ],
    [
      'through a function that changes its parameter',
      `const tab = []; function fill(a) { for (let i = 0; i < 3; i++) a[i] = i; } fill(tab); const log = (m) => console.log(m, 'LOG'); log(tab); const f = threaded((i) => tab[i]);`,
      ['fill(tab)'],
      ['log(tab)'],
    ],
    [
      'through functions that hand their parameter on',
      `const tab = []; const outer = (a) => inner(1, a); const inner = (n, b) => { b.push(n); }; outer(tab); const f = threaded(() => tab);`,
      ['outer(tab)'],
      [],
    ],
    [
      'in a callback that runs at once',
      `const m = new Map(); [1, 2].forEach((x) => m.set(x, 'V')); const f = threaded(() => m.size);`,
      [`m.set(x, 'V')`],
      [],
    ],
    [
      'through a local name',
      `const state = { list: [] }; { const { list } = state; list.push('V'); } const f = threaded(() => state.list);`,
      [`list.push('V')`],
      [],
    ],
    [
      'by a pattern, by delete, by a counter',
      `let a, n = 0; const o = {}; [o.x, a] = ['AX']; delete o.y; n++; const f = threaded(() => [a, o, n]);`,
      ['AX', 'delete o.y', 'n++'],
      [],
    ],
    [
      'by a plugin of a library',
      `import Decimal from 'decimal.js'; import other from 'other'; Decimal.set({ precision: 50 }); other.set(1); const f = threaded(() => new Decimal(1));`,
      ['precision: 50'],
      ['other'],
    ],
    [
      'while one that runs later goes',
      `let n = 0; process.on('exit', () => { n++; }); setTimeout(() => { n = 1; }, 5); const f = threaded(() => n);`,
      ['let n'],
      ['process.on', 'setTimeout'],
    ],
    [
      'while a server goes',
      `import http from 'node:http'; const f = threaded(() => http.STATUS_CODES); http.createServer(() => {}).listen(80);`,
      ['STATUS'],
      ['listen'],
    ],
  ])('%s', (_title, code, kept, gone) => {
    const text = view(code);

    for (const part of kept) expect(text).toContain(part);
    for (const part of gone) expect(text).not.toContain(part);
  });

  test('unless the rule is switched off', () => {
    const code = `import { threaded } from 'offloop'; const t = []; t.push('V'); const f = threaded(() => t);`;

    expect(slice(code).code).toContain(`'V'`);
    expect(slice(code, {}, { effects: false }).code).not.toContain(`'V'`);
  });
});

describe('what calls a threaded function goes', () => {
  const f = `const f = threaded((n) => n + acc.length); const acc = [];`;

  test.each<Case>([
    ['from a loop', `${f} for (const x of [1]) acc.push(await f(x)); acc.push('KEEP');`, [`'KEEP'`], ['for (const']],
    [
      'from a labelled loop',
      `${f} outer: while (acc.length < 2) { acc.push(await f(1)); continue outer; }`,
      ['const acc'],
      ['outer'],
    ],
    [
      'in a declaration',
      `${f} const base = await f(1), k = 'K'; const g = threaded(() => [base, k]);`,
      [`'K'`],
      ['await f(1)'],
    ],
    [
      'in what is made of it',
      `${f} const base = await f(1); const twice = base * 2; const g = threaded(() => twice);`,
      [],
      ['base', 'twice ='],
    ],
    [
      'behind a variable without a value',
      `${f} let base; base = await f(1); const twice = base * 2; const g = threaded(() => [base, twice]);`,
      ['let base'],
      ['await f(1)', 'twice ='],
    ],
    [
      'with try and catch',
      `${f} try { acc.push(await f(1)); } catch (e) { console.log(e); }`,
      ['const acc'],
      ['catch'],
    ],
    [
      'through a local function',
      `${f} async function main() { acc.push(await f(1)); } main().catch(console.error);`,
      ['acc'],
      ['main'],
    ],
    [
      'through functions that call each other',
      `${f} const a = () => { b(); }; const b = () => { a(); acc.push(f(1)); }; a(); acc.pop('K');`,
      [`pop('K')`],
      [' a()'],
    ],
    [
      'by handing it on',
      `${f} acc.push([1, 2].map(f)); Promise.all([1].map(f)); run({ job: f }); bench('x', f);`,
      ['acc'],
      ['[1', 'run', 'bench'],
    ],
    ['in an awaited callback', `${f} acc.push(await bench(() => f(1)));`, ['const acc'], ['bench']],
    ['by its methods', `${f} acc.push(f.syncCall(1), f.with({ timeout: 1 })(1));`, ['const acc'], ['syncCall']],
    [
      'under `isMainThread`',
      `${f} import { isMainThread } from 'node:worker_threads'; if (isMainThread) { f(1); }`,
      ['acc'],
      ['isMain'],
    ],
    [
      'under `import.meta.main`',
      `let c = {}; if (import.meta.main) { start(); } function start() { c = { a: 1 }; f(); } const f = threaded(() => c);`,
      ['let c'],
      ['start()', 'import.meta'],
    ],
    [
      'in main() with a chain',
      `${f} async function main() { await f(1); } main().then(() => {}).catch((e) => process.exit(1));`,
      ['acc'],
      ['main'],
    ],
    [
      'out of an object',
      `const jobs = { a: threaded(() => out) }; const out = []; out.push(await jobs.a(1)); out.push('K');`,
      [`'K'`],
      ['await jobs'],
    ],
    [
      'out of an array',
      `const jobs = [threaded(() => out)]; const out = []; out.push(await jobs[0](1)); for (const j of jobs) out.push(j(1)); out.push('K');`,
      [`'K'`],
      ['await jobs', 'j(1)'],
    ],
    [
      'out of a map',
      `const jobs = new Map(); const w = threaded(() => [jobs.size, out]); jobs.set('w', w); const out = []; out.push(await jobs.get('w')(1));`,
      [`jobs.set('w', w)`],
      ['await jobs'],
    ],
    [
      'by another name',
      `const o = { w: threaded(() => out) }; const { w } = o, v = w; const out = []; out.push(w(1)); out.push(v(1));`,
      ['const out'],
      ['w(1)', 'v(1)'],
    ],
    [
      'assigned to a property',
      `const jobs = {}; jobs.a = threaded(() => [out, jobs]); const out = []; out.push(await jobs.a(1));`,
      ['jobs.a = threaded'],
      ['await jobs'],
    ],
    [
      'made by a local factory',
      `const make = (k) => threaded((n) => [n * k, out]); const x3 = make(3); const out = []; out.push(await x3(1));`,
      ['make(3)', 'const out'],
      ['await x3'],
    ],
    [
      'at once',
      `const out = []; out.push(await threaded(() => 1)(2)); const f = threaded(() => out);`,
      ['const out'],
      ['(2)'],
    ],
    [
      'made with options',
      `const cpu = threaded({ priority: 1 }); const f = cpu((n) => [n, out]); const g = threaded({ priority: 2 })((n) => n); const out = []; out.push(await f(1), await g(1));`,
      ['f = cpu(', 'g = threaded({'],
      ['await'],
    ],
    [
      'made with options that have a name',
      `const o = { priority: 1 }; const f = threaded(o)((n) => [n, out]); const cpu = threaded(o); const g = cpu(function () {}); const out = []; out.push(await f(1), g());`,
      ['f = threaded(o)(', 'g = cpu('],
      ['out.push'],
    ],
    [
      'with other options',
      `const f = threaded(() => out); const g = f.with({ timeout: 5 }); const h = threaded(() => g()); const out = []; out.push(g(1));`,
      ['f.with({ timeout: 5 })'],
      ['g(1)'],
    ],
    [
      'out of a static field',
      `const out = []; class A { static work = threaded((n) => [n, out]); } out.push(await A.work(1)); out.push('K');`,
      [`'K'`],
      ['A.work(1)'],
    ],
    [
      'out of a static field added later',
      `const out = []; class A {} A.work = threaded((n) => [n, out]); out.push(await A.work(1)); out.push('K');`,
      [`'K'`],
      ['A.work(1)'],
    ],
    [
      'by a method',
      `const out = []; class A { static work = threaded((n) => [n, out]); run() { return this.constructor.work(1); } static go() { return A.work(1); } } out.push(await new A().run()); out.push(A.go()); const a = new A(); out.push(a.run());`,
      ['const out'],
      ['out.push'],
    ],
    [
      'out of a private field',
      `class A { static #work = threaded((n) => [n, out]); static go() { return A.#work(1); } } const out = []; out.push(A.go());`,
      ['const out'],
      ['out.push'],
    ],
    [
      'of a pool',
      `import { ThreadPool } from 'offloop'; const pool = new ThreadPool({ size: 2 }); const f = threaded(() => 1, { pool }); pool.on('x', () => {}); await pool.close();`,
      ['new ThreadPool({ size: 2 })'],
      ['pool.on', 'close'],
    ],
  ])('%s', (_title, code, kept, gone) => {
    const text = view(code);

    for (const part of kept) expect(text).toContain(part);
    for (const part of gone) expect(text).not.toContain(part);
  });

  test('but not what is made of a class that could call one', () => {
    const text = view(`class A { static work = threaded(() => a); run() { return A.work(1); } } const a = new A();`);

    expect(text).toContain('new A()');
  });

  test('but not a function that could call one when it is called', () => {
    const text = view(`const g = threaded(() => helper()); const helper = () => f(1); const f = threaded((n) => n);`);

    expect(text).toContain('const helper = () => f(1)');
  });

  test('but not methods of other things that have the same name', () => {
    const text = view(
      `import fs from 'node:fs'; class A { static parse = threaded((t) => c[t]); } const c = JSON.parse(fs.readFileSync('c'));`,
    );

    expect(text).toContain('JSON.parse(');
  });
});

describe('what uses the library stays', () => {
  test.each<Case>([
    [
      'in an array or an object',
      `const A = 'TOPA'; export const fs = [threaded(() => A), threaded(() => 2)]; export const o = { x: threaded(() => 3) };`,
      ['TOPA', '() => 2', '() => 3'],
      [],
    ],
    [
      'on a condition',
      `const f = process.env.X ? threaded(() => 'A1') : threaded(() => 'A2'); f(); `,
      ['A1', 'A2'],
      [' f()'],
    ],
    [
      'by a namespace',
      `import * as o from 'offloop'; const K = 'TOPK'; const f = o.threaded(() => K); console.log(await f());`,
      ['TOPK', '* as o'],
      ['console'],
    ],
    [
      'by another name',
      `import { threaded as t } from 'offloop'; const u = t; const K = 'TOPK'; const f = u(() => K); f();`,
      ['TOPK', 'as t', 'u = t'],
      [' f()'],
    ],
    [
      'by dynamic import',
      `const { threadedIterable: it } = await import('offloop'); const K = 'TOPK'; const f = it(function* () { yield K; });`,
      ['TOPK'],
      [],
    ],
    [
      'as the default export',
      `const K = 'TOPK'; export default threaded((n) => n + K);`,
      ['TOPK', 'export default threaded'],
      ['__offloop'],
    ],
    [
      'in a setup, with all that it needs',
      `import { setup } from 'offloop'; import init, { go } from './wasm.js'; const o = 'OPT'; await setup(() => init(o)); const f = threaded(() => go());`,
      ['await setup', 'OPT', 'wasm.js'],
      [],
    ],
    [
      'in sendable() and new ContextVar()',
      `import { sendable, ContextVar } from 'offloop'; class P { x = 'PX'; } sendable(P); const id = new ContextVar('id'); console.log(id);`,
      ['sendable(P)', 'PX', `new ContextVar('id')`],
      ['console'],
    ],
    [
      'while types of errors and pools alone do not',
      `import { OffloopError, ThreadPool } from 'offloop'; process.on('x', (e) => e instanceof OffloopError); await using pool = new ThreadPool(); const f = threaded(() => 1);`,
      ['const f'],
      ['process', 'await using'],
    ],
    [
      'while a disposable that nobody needs goes',
      `const f = threaded(() => 1); await using srv = { async [Symbol.asyncDispose]() {} };`,
      ['threaded(() => 1)'],
      ['srv'],
    ],
    [
      'in a loop that fills an object',
      `const jobs = {}; for (const k of ['a', 'b']) jobs[k] = threaded((n) => n + k); await jobs.a(1);`,
      ['jobs[k] = threaded'],
      ['await'],
    ],
    [
      'in a function that registers when it is called here',
      `const jobs = {}; define(); function define() { jobs.a = threaded(() => 1); } await jobs.a();`,
      ['; define()'],
      ['await'],
      { positions: [57] },
    ],
  ])('%s', (_title, code, kept, gone, options) => {
    const text = view(code, options);

    for (const part of kept) expect(text).toContain(part);
    for (const part of gone) expect(text).not.toContain(part);
  });

  test('through a helper of another module, by the text of the function', () => {
    const code = `import { offloaded } from './helper.js'; const K = 3;
const cube = offloaded(function cube(n) { return n ** K; });
offloaded((n) => -n);
console.log(await cube(2));`;
    const sources = ['function cube(n) { return n ** K; }', '(n) => -n'];

    const text = view(code, { sources });

    expect(dense(text)).toBe(
      `import { threaded } from 'offloop' import { offloaded } from './helper.js' const K = 3 const cube = offloaded(function cube(n) { return n ** K }) offloaded((n) => -n)`.replace(
        `import { threaded } from 'offloop' `,
        '',
      ),
    );
  });

  test('through a helper of another module, by the position of the call', () => {
    const code = `import { make } from './helper.js';\nconst x3 = make(3);\nconsole.log(await x3(2));`;

    const { code: text, mainOnly } = slice(code, { positions: [code.indexOf('make(3)')] });

    expect(dense(text)).toBe(`import { make } from './helper.js' const x3 = make(3)`);
    expect(mainOnly).toEqual({});
  });

  test('unless it is wrapped inside of a running function that goes on to call it', () => {
    const code = `import { threaded } from 'offloop';
function start(k) { const inner = threaded((n) => n * k); return inner(1); }
console.log(await start(2));`;

    expect(dense(slice(code, { sources: ['(n) => n * k'], positions: [code.lastIndexOf('start')] }).code)).toBe('');
  });
});

describe('a statement that must not stay', () => {
  const code = `const a = make('A'), b = make('B');
const t = [];
t.push('X');
t.push('Y');
if (a) { t.push('Z'); }
const f = threaded(() => [a, b, t]);`;

  test.each([
    [`'B'`, ['b = make']],
    [`'X'`, [`'X'`]],
    [`'Z'`, ['if (a)', `'Z'`]],
    [`make('A')`, ['a = make', 'if (a)']],
  ])('goes, where %s stands in it', (place, gone) => {
    const text = `import { threaded } from 'offloop'; function make(x) { return x; }\n${code}`;
    const whole = slice(text).code;

    const sliced = slice(text, { leftOut: [text.indexOf(place)] }).code;

    for (const part of gone) expect(whole).toContain(part);
    for (const part of gone) expect(sliced).not.toContain(part);
    expect(sliced).toContain(`'Y'`);
    expect(sliced).toContain('threaded(() => [a, b, t])');
  });
});

describe('decorated methods stay registered and are not called', () => {
  const tail = `const unused = 'DROPPED';\nconsole.log(await A.work(1), await new A().run());`;
  const run = `run() { return this.constructor.work(1); }`;

  test.each<[string, string]>([
    [
      'TypeScript',
      `var __esDecorate = (this && this.__esDecorate) || function (ctor, descriptorIn, decorators) { decorators[0](); };
let A = (() => {
    let _staticExtraInitializers = [];
    let _static_work_decorators;
    return class A {
        static {
            _static_work_decorators = [threaded];
            __esDecorate(this, null, _static_work_decorators, { kind: "method", name: "work", static: true }, null, _staticExtraInitializers);
        }
        static async work(n) { return n; }
        ${run}
    };
})();`,
    ],
    [
      'TypeScript with experimentalDecorators',
      `var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) { decorators[0](target, key, desc); };
class A { static async work(n) { return n; } ${run} }
__decorate([
    threaded
], A, "work", null);`,
    ],
    [
      'esbuild',
      `var __decoratorStart = (base) => [, , , base];
var __decorateElement = (array, flags, name, decorators, target) => { decorators[0](target[name], { addInitializer: (fn) => array.push(fn) }); };
var __runInitializers = (array, flags, self) => { for (const fn of array) fn.call(self); };
var _work_dec, _init;
_work_dec = [threaded];
class A { static async work(n) { return n; } ${run} }
_init = __decoratorStart(null);
__decorateElement(_init, 9, "work", _work_dec, A);
__runInitializers(_init, 3, A);`,
    ],
    [
      'Babel',
      `let _initStatic;
function _applyDecs(e, t) { return { e: [t[0][0]] }; }
class A { static { [_initStatic] = _applyDecs(this, [[threaded, 10, "work"]], []).e; _initStatic(this); } static async work(n) { return n; } ${run} }`,
    ],
    [
      'SWC',
      `var _dec, _initStatic;
function _apply_decs_2203_r(e, t) { return { e: [t[0][0]] }; }
_dec = threaded;
class A { static { ({ e: [_initStatic] } = _apply_decs_2203_r(this, [[_dec, 6, "work"]], [])); _initStatic(this); } static async work(n) { return n; } ${run} }`,
    ],
  ])('as %s writes them', (_title, code) => {
    const text = view(`${code}\n${tail}`, { methods: ['work'] });

    expect(text.slice(0, -tail.length)).toBe(`import { threaded } from 'offloop';\n${code}\n`);
    expect(text.slice(-tail.length).trim()).toMatch(/^;\s*;$/);
  });
});

describe('exports', () => {
  test('stay with what they need if making them runs nothing', () => {
    const text = view(`const k = 'K', o = 'O', n = 'N', b = 'B';
export function scale() { return k; }
export const config = { o, list: [1, 'two'], f() { return n; } }, re = /x/;
export class Base { x = b; }
export const work = threaded((x) => x);
export const later = () => work(1);`);

    for (const part of [`'K'`, `'O'`, `'N'`, `'B'`, 'scale', 'list', '/x/', 'Base', 'later'])
      expect(text).toContain(part);
    expect(text).not.toContain('__offloop');
  });

  test('stay in lists, under their other names', async () => {
    const { code } = slice(`const secret = 42; function get() { return secret; } const other = Date.now(); log();
function log() {}
export { get as 'the answer', other, get as default };`);

    const module = await load(code);

    expect((module['the answer'] as () => number)()).toBe(42);
    expect(module['default']).toBe(module['the answer']);
    expect(() => String(module['other'])).toThrow(/other/);
  });

  test('that are computed throw when they are used, and only then', async () => {
    const { code, mainOnly } = slice(`export const config = compute();\nfunction compute() { return { k: 1 }; }`);
    const { config } = (await load(code)) as { config: { k: number; (): void; new (): void } };

    expect(await Promise.resolve(config)).toBe(config);
    expect((config as unknown as { __esModule: unknown }).__esModule).toBeUndefined();
    expect(Object.prototype.toString.call(config)).toBe('[object Function]');
    const failure = expect.objectContaining({
      code: 'ERR_OFFLOOP_CAPTURE',
      message: expect.stringMatching(/config.*main thread/),
    });
    expect(() => config.k).toThrow(failure);
    expect(() => (config.k = 2)).toThrow(failure);
    expect(() => config()).toThrow(failure);
    expect(() => new config()).toThrow(failure);
    expect(() => 'k' in config).toThrow(failure);
    expect(() => Object.keys(config)).toThrow(failure);
    expect(() => String(config)).toThrow(failure);
    expect(mainOnly).toMatchObject({ config: { line: 1, text: 'config = compute()', dispatch: false } });
  });

  test('do not start what the program started', () => {
    const text = view(`import http from 'node:http';
const server = http.createServer().listen(80);
export function stop() { server.close(); }
let count = 0;
export function main() { count++; console.log('main'); }
main();
export const work = threaded(() => 1);`);

    expect(text).toContain('function stop');
    expect(text).toContain('function main');
    expect(text).not.toContain('listen');
    expect(text).not.toMatch(/^main\(\)/m);
  });

  test('that call a threaded function when they are made go', () => {
    const text = view(
      `export const work = threaded(() => 1); export const now = await work(); export class A { static x = work(); }`,
    );

    expect(text).toContain('threaded(() => 1)');
    expect(text).not.toContain('work()');
    expect(text).toMatch(/export \{ __offloop_stub_0 as now, __offloop_stub_1 as A \};$/);
  });

  test('of other modules go', () => {
    const text = view(
      `export * from './x.js'; export { y } from './y.js'; import { z } from './z.js'; export { z }; const f = threaded((n) => n); export { f as work };`,
    );

    expect(text).toMatch(/export \{ f as work, __offloop_stub_0 as y, __offloop_stub_1 as z \};$/);
    expect(text).not.toMatch(/[xyz]\.js/);
  });

  test('as default stay if they are a function, and go if they are made of others', () => {
    expect(view(`export default function () { return 'F'; }`)).toContain(`'F'`);
    expect(view(`const f = threaded(() => 1); const g = () => 'G'; export default g; log();`)).toContain(`'G'`);
    const text = view(`const f = threaded((n) => n); const big = 'BIG'; export default { f, big };`);
    expect(text).toContain('__offloop_stub_0 as default');
    expect(text).not.toContain(`'BIG'`);
  });

  test('of CommonJS stay or throw one by one', () => {
    const { code } = slice(
      `const { threaded } = require('offloop'); const k = 5;
const started = begin(); function begin() { throw new Error('ran'); }
module.exports = { started, scale: (n) => n * k, k, };
exports.ignored = 1;
if (require.main === module) { begin(); }`,
      { format: 'commonjs' },
    );

    const exported = requireText(code) as { k: number; scale(n: number): number; started: { x: number } };

    expect(exported.scale(2)).toBe(10);
    expect(exported.k).toBe(5);
    expect(() => exported.started.x).toThrow(/started/);
  });

  test('of CommonJS as TypeScript writes it', () => {
    const { code } = slice(
      `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.now = exports.work = void 0;
exports.helper = helper;
const offloop_1 = require("offloop");
const http = require("node:http");
const k = 2;
exports.work = (0, offloop_1.threaded)((n) => n * k);
function helper() { return k; }
exports.now = Date.now();
exports.default = helper;
http.createServer().listen(80);
void (0, exports.work)(1);`,
      { format: 'commonjs' },
    );

    expect(code).toContain('__esModule');
    expect(code).toContain('exports.work = (0, offloop_1.threaded)');
    expect(code).toContain('exports.default = helper');
    for (const part of ['listen', 'Date.now', '(0, exports.work)', 'node:http']) expect(code).not.toContain(part);
    expect(code).toMatch(/module\.exports\["now"\] = __offloop_stub\("now"\);$/);
  });

  test('of CommonJS as esbuild writes it', () => {
    const { code } = slice(
      `var __export = (target, all) => { for (var name in all) Object.defineProperty(target, name, { get: all[name] }); };
var __toCommonJS = (mod) => mod;
var main_exports = {};
__export(main_exports, {
  now: () => now,
  helper: () => helper
});
module.exports = __toCommonJS(main_exports);
const k = 2;
function helper() { return k; }
const now = Date.now();`,
      { format: 'commonjs' },
    );

    const exported = requireText(code) as { helper(): number; now: { x: number } };

    expect(exported.helper()).toBe(2);
    expect(() => exported.now.x).toThrow(/now/);
  });
});

describe('imports', () => {
  test('stay for their side effects, not for names that nobody needs', () => {
    const text = view(`import './setup.js'; import unused from './unused.js'; const f = threaded((n) => n);`);

    expect(text).toContain(`'./setup.js'`);
    expect(text).not.toContain('unused.js');
  });

  test('that CommonJS requires for their side effects stay', () => {
    const text = slice(
      `'use strict'; require('./setup'); const unused = require('./unused'); const { threaded: t } = require('offloop'); const f = t((n) => n);`,
      { format: 'commonjs' },
    ).code;

    expect(text).toContain(`'use strict'; require('./setup');`);
    expect(text).not.toContain('./unused');
  });

  test('give threaded functions whose calls nobody needs', () => {
    const { code, mainOnly } = slice(`import { fib } from './fib.js';\nconst log = console.log;\nlog(await fib(30));`);

    expect(dense(code)).toBe('');
    expect(Object.keys(mainOnly)).toEqual(['fib', 'log']);
  });
});

describe('the text of the view', () => {
  const code = `#!/usr/bin/env node
'use strict';
import { threaded } from 'offloop'; // a comment
const a = 1, b = start(), /* c */ c = 3,
  d = 4;\r
function start() {
  console.log(\`two
lines\`);
}
start()
const f = threaded(() => a + c)
start()
;(function () { f.extra = 1 })()
start(), f.more = 2, function () {}(), start()
`;

  test('has everything that stays where it was, line by line', () => {
    const text = slice(code, { format: 'module' }).code;

    expect(text).toHaveLength(code.length);
    expect(text.split(/\r?\n/)).toHaveLength(code.split(/\r?\n/).length);
    for (const part of [
      '#!/usr/bin/env node',
      `'use strict'`,
      'const a = 1',
      'c = 3',
      'const f = threaded(() => a + c)',
    ]) {
      expect(text.indexOf(part)).toBe(code.indexOf(part));
    }
    for (const part of ['console.log', 'd = 4', 'start()']) expect(text).not.toContain(part);
    expect(slice(`${text}\nstart();`).whole).toBe(false);
  });

  test.each([
    ['const a = 1, b = log(), c = 3, d = log();', 'const a = 1, c = 3'],
    ['const b = log(), a = 1, d = log(), c = 3;', 'const a = 1, c = 3'],
    ['const b = log(), d = log(), a = 1, c = 2;', 'const a = 1, c = 2'],
    ['const a = 1, b = log(), d = log(); const c = 2;', 'const a = 1 const c = 2'],
  ])('takes declarators out of %s', (declarations, expected) => {
    const text = view(`${declarations} const f = threaded(() => a + c); function log() {}`);

    expect(dense(text)).toContain(expected);
  });

  test.each([
    ['log(), (o.a = 1), function () { o.b = 2; }(), log();', { a: 1, b: 2 }],
    ['log(), function () { o.b = 2; }();', { b: 2 }],
    ['o.a = 1, (log(), 2), o.c = 3;', { a: 1, c: 3 }],
    ['o.a = 1\nlog()\n;(function () { o.b = 2; })()', { a: 1, b: 2 }],
    ['o.a = o\nfunction gone() {}\n(function () { o.b = 2; })(); o.a = 1', { a: 1, b: 2 }],
  ])('does not join what was apart in %s', (statements, expected) => {
    const { code } = slice(
      `const o = {}; ${statements}\nexports.get = () => o; function log() { throw new Error('ran'); }`,
      { format: 'commonjs' },
    );

    expect((requireText(code) as { get(): unknown }).get()).toEqual(expected);
  });

  test.each([`"use strict";`, `__filename="/a/b.cts";`])('is entered where a function wraps all but %s', (frame) => {
    const text = slice(
      `${frame}(() => { var import_offloop = require("offloop"); const K = 'TOPK', U = 'UNUSED'; const f = (0, import_offloop.threaded)(() => K + __filename); console.log(f()); })();`,
      { format: 'commonjs' },
    ).code;

    expect(text).toContain(`${frame}(() => {`);
    expect(text).toContain('TOPK');
    expect(text).not.toContain('UNUSED');
    expect(text).not.toContain('console');
  });
});

describe('the report', () => {
  test('tells what was left out, and every name that is missing', () => {
    const { leftOut, mainOnly, whole } = slice(`import { threaded } from 'offloop';
import fs from 'node:fs';
const first = threaded((n) => n + 1);
const base = await first(1),
  { x, y: [z] } = fs;
if (x) {
  var hoisted = 1;
}
function main() {${' '.repeat(80)}}
main();
`);

    expect(whole).toBe(false);
    expect(leftOut.map(({ line }) => line)).toEqual([2, 4, 5, 6, 9, 10]);
    expect(leftOut[1]).toEqual({ line: 4, text: 'base = await first(1)' });
    expect(leftOut[3]).toEqual({ line: 6, text: 'if (x) {' });
    expect(leftOut[4]?.text).toHaveLength(70);
    expect(Object.keys(mainOnly)).toEqual(['fs', 'base', 'x', 'z', 'hoisted', 'main']);
    expect(mainOnly['base']).toEqual({ line: 4, text: 'base = await first(1)', dispatch: true });
    expect(mainOnly['main']).toMatchObject({ line: 9, dispatch: false });
  });

  test.each([
    ['does not parse', 'const a = ;'],
    [
      'uses direct eval in what stays',
      `import { threaded } from 'offloop'; const k = 1; const f = threaded((s) => eval(s));`,
    ],
    ['needs everything', `import { threaded } from 'offloop';\nconst f = threaded(() => 1);\nexport { f };`],
  ])('gives a module back that %s', (_title, code) => {
    expect(slice(code)).toEqual({ code, leftOut: [], mainOnly: {}, refused: {}, whole: true });
  });

  test('slices a module that uses direct eval in what goes', () => {
    expect(view(`function unused(s) { return eval(s); } const f = threaded(() => 1);`)).not.toContain('eval');
  });
});

describe('a module too long for each call to be looked at for itself', () => {
  // Everything calls everything, by names that all of it has.
  const long = Array.from(
    { length: 400 },
    (_, i) =>
      `function F${i}(o) { this.o = o; } F${i}.prototype.get = function (k) { return new F${(i + 1) % 400}(k.get(this.o)); };` +
      `function make${i}(a) { const one = [new F${i}(a), (b) => make${(i * 7) % 400}(b)]; one.map((it) => it.get(a)); return one[1](a); }`,
  ).join('\n');
  const kept = (code: string): string => dense(view(`${code}\n${long}\nmake1(make2);`));
  const refusals = (code: string): string[] => {
    const sources = [...code.matchAll(/threaded\((.*?)\);/g)].flatMap(([, source = '']) => source);
    const { refused } = slice(`import { threaded } from 'offloop';\n${code}\n${long}`, { sources });
    return Object.values(refused).map(({ name }) => name);
  };

  test.each([
    ['statements that fill what is needed', `const t = []; t.push(1);`, 't.push(1)'],
    ['functions that fill it', `const t = []; function add(x) { t.push(x); } add(1);`, 'add(1)'],
    ['functions that fill what they are given', `const t = {}; function put(o) { o.a = 1; } put(t);`, 'put(t)'],
    ['what gives a function its methods', `function t() {} const h = (f) => { f.prototype.a = 1; }; h(t);`, 'h(t)'],
  ])('keeps %s', (_title, code, statement) => {
    expect(kept(`${code} const f = threaded(() => t);`)).toContain(statement);
  });

  test('leaves out what nobody needs, and what calls a wrapper', () => {
    const code = kept(`const n = 1; const u = make2(make1); const f = threaded(() => n); f();`);

    expect(code).toBe(`import { threaded } from 'offloop' const n = 1 const f = threaded(() => n)`);
  });

  test('refuses a function if the main thread changes what it needs', () => {
    expect(refusals(`let n = 1; const f = threaded(() => n); function main() { n = 2; f(); } main();`)).toEqual(['n']);
    expect(refusals(`const o = {}; const f = threaded(() => o.a); o.a = await f();`)).toEqual(['o']);
  });

  const made = `const make = () => ({ n: 1, list: [] }); const s = make();`;
  const holder = `function hold() { let n = 0; return { inc() { n += 1; }, get: () => n }; } const s = hold();`;
  const store = `class Store { constructor() { this.rows = []; } add(r) { this.rows.push(r); } } const s = new Store();`;

  test.each([
    ['a property', `${made} const f = threaded(() => s.n);`, `s.n = 2;`, 's'],
    ['what it holds', `${made} const f = threaded(() => s.list.length);`, `s.list.push(2);`, 's'],
    ['it by another name', `${made} const f = threaded(() => s.n);`, `const t = s; t.n = 2;`, 's'],
    ['it with a function', `${made} const f = threaded(() => s.n); function set(o) { o.n = 2; }`, `set(s);`, 's'],
    ['it with the language', `${made} const f = threaded(() => s.n);`, `Object.assign(s, { n: 2 });`, 's'],
    ['it with a method', `${store} const f = threaded(() => s.rows.length);`, `s.add(1);`, 's'],
    ['a variable of its functions', `${holder} const f = threaded(() => s.get());`, `s.inc();`, 'n'],
    ['what a constant was made of', `${made} const f = threaded(() => t);`, `s.n = 2;`, 't', `const t = s.n;`],
  ])(
    'refuses a function if the main thread changes %s that a function has made',
    (_title, code, change, name, after = '') => {
      expect(refusals(`${code} async function main() { await f(); ${change} } await main(); ${after}`)).toEqual([name]);
    },
  );

  test('refuses no function of which the main thread changes nothing', () => {
    expect(refusals(`let n = 1; let m; const f = threaded(() => n); function main() { m = f(); } main();`)).toEqual([]);
  });
});

test('a long module is read within steps in proportion to its length', () => {
  const count = 3000;
  const lines = Array.from(
    { length: count },
    (_, i) => `function f${i}(a) { g${i}.x = a; return f${i + 1}(a); } const g${i} = { x: ${i} }; f${i}(g${i});`,
  );
  const code = view(`const f = threaded(() => f0);\n${lines.join('\n')}\nfunction needless() {}`);

  // In proportion to the square, they would be more than there may be, and the module would be left whole.
  expect(code).toContain(`function f${count - 1}(`);
  expect(code).not.toContain('needless');
});

describe('workerViewInTurns', () => {
  const options: ViewOptions = {
    format: 'module',
    libraries: ['offloop'],
    sources: [],
    positions: [],
    methods: [],
    leftOut: [],
  };
  const folder = new URL('../programs/', import.meta.url);
  const programs = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.mjs'));

  test('gives the same view, and lets the loop turn on the way', async () => {
    let views = 0;
    for (const name of programs) {
      const code = readFileSync(new URL(name, folder), 'utf8');
      let turns = 0;
      const made = await workerViewInTurns(code, options, async () => void (turns += 1));

      if (made) expect([name, made]).toEqual([name, workerView(code, options)]);
      if (made) views += 1;
      expect(turns).toBeGreaterThan(1);
    }
    expect(views).toBeGreaterThan(100);
  });

  test('gives none of a module that takes long', async () => {
    const code = Array.from({ length: 3000 }, (_, i) => `const v${i} = { of: v${i - 1} };`).join('\n');
    const long = `const v = {};\n${code.replace('v-1', 'v')}\nexport const all = [v2999];`;

    expect(await workerViewInTurns(long, options, async () => undefined)).toBeUndefined();
    expect(workerView(long, options).code.length).toBeGreaterThanOrEqual(long.length);
  });
});

/** Finds the modules in the text of a bundle: functions that the bundler's runtime calls. @module */

import { children, isFunction, keyName, memberName, parseModule, unwrap } from '../view/syntax.ts';
import type { FunctionNode, Node } from '../view/syntax.ts';

/** A module of a bundle. */
export interface BundledModule {
  /** The id by which the runtime knows the module; for esbuild the name of the variable that runs it. */
  readonly id: string;

  /** The module's function. */
  readonly node: FunctionNode;
}

/** The parts of a bundle's file. */
export interface Shape {
  readonly kind: 'webpack' | 'Turbopack' | 'esbuild';
  readonly isModule: boolean;

  /** The statements among which the runtime and the start of the program stand. */
  readonly body: readonly Node[];

  /** The offset of the end of these statements. */
  readonly end: number;
  readonly modules: readonly BundledModule[];

  /** The names of webpack's `require` function and of its table of modules, if they are in the file. */
  readonly runtime?: { readonly name: string; readonly table: string } | undefined;

  /** The chunk of webpack that the file is. */
  readonly chunk?: Chunk | undefined;

  /** The names of esbuild's functions that fill an object with getters. */
  readonly helpers: ReadonlySet<string>;
}

/** The shape of the bundle `text`; `undefined` if it is none. */
export function shapeOf(text: string): Shape | undefined {
  const script = parseModule(text, 'commonjs');
  const program = script ?? parseModule(text, 'module');
  if (!program) return undefined;
  const inner = bodyOf(program.body);
  const facts = {
    isModule: !script,
    body: inner?.body ?? program.body,
    end: inner ? inner.end - 1 : text.length,
    helpers: new Set<string>(),
  };
  return turbopack(program.body, facts) ?? webpack(facts) ?? esbuild(facts);
}

/** Where a chunk has its modules. */
export interface Chunk {
  /** The variable that everything of the chunk is assigned to. */
  readonly root: string;

  /** The expressions of its table of modules, and of the function that adds to the runtime, if it may have one. */
  readonly table: string;
  readonly setup: string | undefined;
}

type Facts = Pick<Shape, 'isModule' | 'body' | 'end' | 'helpers'>;

/** The body of the function that is called at once, if that is all of the file. */
function bodyOf(body: readonly Node[]): { readonly body: readonly Node[]; readonly end: number } | undefined {
  const statements = body.filter((it) => it.type !== 'EmptyStatement' && !('directive' in it));
  const [only] = statements;
  const fn =
    statements.length === 1 && only?.type === 'ExpressionStatement' ? calledAtOnce(only.expression) : undefined;
  return fn?.body.type === 'BlockStatement' ? fn.body : undefined;
}

/** The function that `node` calls at once, without arguments. */
export function calledAtOnce(node: Node): FunctionNode | undefined {
  const call = unwrap(node);
  if (call?.type !== 'CallExpression' || call.arguments.length > 0) return undefined;
  const callee = unwrap(call.callee);
  return isFunction(callee) && callee.params.length === 0 ? callee : undefined;
}

/** `module.exports = [id, function, id, id, function]`. */
function turbopack([statement]: readonly Node[], facts: Facts): Shape | undefined {
  if (statement?.type !== 'ExpressionStatement' || statement.expression.type !== 'AssignmentExpression')
    return undefined;
  const list = unwrap(statement.expression.right);
  if (list?.type !== 'ArrayExpression') return undefined;
  const modules: BundledModule[] = [];
  let id: string | undefined;
  for (const element of list.elements) {
    const value = unwrap(element);
    if (value?.type === 'Literal') id ??= String(value.value);
    else if (isFunction(value) && id !== undefined) {
      modules.push({ id, node: value });
      id = undefined;
    } else return undefined;
  }
  return { ...facts, kind: 'Turbopack', modules };
}

/** The names under which chunks that are ES modules export their modules. */
const exportedTable = /^__(?:webpack|rspack)_(?:esm_)?modules(?:__)?$/;
const exportedSetup = /^__(?:webpack|rspack)_esm_runtime(?:__)?$/;

function webpack(facts: Facts): Shape | undefined {
  const tables = new Map<string, BundledModule[]>();
  // Not deeper: short names mean other things in the modules.
  for (const [target, value] of facts.body.flatMap(assignments)) {
    const modules = value && tableOf(value);
    if (modules && target.type === 'Identifier') tables.set(target.name, modules);
  }
  const runtime = runtimeIn(facts.body, tables);
  const inline = (runtime && tables.get(runtime.table)) ?? [];
  const chunk = chunkOf(facts.body);
  if (!runtime && !chunk) return undefined;
  return { ...facts, kind: 'webpack', modules: [...inline, ...(chunk?.modules ?? [])], runtime, chunk };
}

/** The chunk of `exports.modules = { … }`, `a.modules = { … }` or `export const __webpack_esm_modules__ = { … }`. */
function chunkOf(body: readonly Node[]): (Chunk & { readonly modules: BundledModule[] }) | undefined {
  const exported = body.flatMap((it) => (it.type === 'ExportNamedDeclaration' ? (it.declaration ?? []) : []));
  const names = exported.flatMap(assignments).map(([target]) => (target.type === 'Identifier' ? target.name : ''));
  const setup = names.find((name) => exportedSetup.test(name));
  for (const [target, value] of [...exported, ...body].flatMap(assignments)) {
    const modules = value && tableOf(value);
    if (!modules) continue;
    if (target.type === 'Identifier' && exportedTable.test(target.name) && names.includes(target.name)) {
      return { root: target.name, table: target.name, setup, modules };
    }
    const { object } = target.type === 'MemberExpression' ? target : { object: undefined };
    if (memberNameOf(target) === 'modules' && object?.type === 'Identifier') {
      return { root: object.name, table: `${object.name}.modules`, setup: `${object.name}.runtime`, modules };
    }
  }
  return undefined;
}

const memberNameOf = (node: Node): string | undefined =>
  node.type === 'MemberExpression' ? memberName(node) : undefined;

type Assignment = readonly [target: Node, value: Node | undefined];

/** The targets and the values of the declarations and the assignments in a statement. */
function assignments(statement: Node): Assignment[] {
  if (statement.type === 'VariableDeclaration') {
    return statement.declarations.map(({ id, init }): Assignment => [id, unwrap(init)]);
  }
  if (statement.type !== 'ExpressionStatement') return [];
  const { expression } = statement;
  return (expression.type === 'SequenceExpression' ? expression.expressions : [expression]).flatMap((it) =>
    it.type === 'AssignmentExpression' ? [[it.left, unwrap(it.right)] as const] : [],
  );
}

/** The modules in an object or an array that has only functions, by their keys. */
function tableOf(value: Node): BundledModule[] | undefined {
  const modules: BundledModule[] = [];
  if (value.type === 'ArrayExpression') {
    for (const [index, element] of value.elements.entries()) {
      const node = unwrap(element);
      if (isModule(node)) modules.push({ id: String(index), node });
      else if (node) return undefined;
    }
    return modules;
  }
  if (value.type !== 'ObjectExpression') return undefined;
  for (const property of value.properties) {
    const node = property.type === 'Property' ? unwrap(property.value) : undefined;
    const id = property.type === 'Property' ? keyName(property) : undefined;
    if (!isModule(node) || id === undefined) return undefined;
    modules.push({ id, node });
  }
  return modules;
}

const isModule = (node: Node | undefined): node is FunctionNode => isFunction(node) && node.params.length <= 3;

/** The function `require(id)` that calls `table[id](…)`; it assigns to its cache `cache[id]`. */
function runtimeIn(body: readonly Node[], tables: ReadonlyMap<string, unknown>): Shape['runtime'] {
  for (const statement of body) {
    const [parameter] =
      statement.type === 'FunctionDeclaration' && statement.params.length === 1 ? statement.params : [];
    if (statement.type !== 'FunctionDeclaration' || !statement.id || parameter?.type !== 'Identifier') continue;
    const nodes = [...walk([statement.body])];
    const indexed = (node: Node): string | [] =>
      node.type === 'MemberExpression' &&
      node.computed &&
      node.property.type === 'Identifier' &&
      node.property.name === parameter.name &&
      node.object.type === 'Identifier'
        ? node.object.name
        : [];
    const assigned = nodes.flatMap((it) => (it.type === 'AssignmentExpression' ? indexed(it.left) : []));
    const table = nodes.flatMap(indexed).find((name) => tables.has(name) && !assigned.includes(name));
    if (table !== undefined) return { name: statement.id.name, table };
  }
  return undefined;
}

/** `var init_x = __esm({ 'x.js'() { … } })` and `var require_x = __commonJS(…)`; minified, the function itself. */
function esbuild(facts: Facts): Shape | undefined {
  const declarators = facts.body.flatMap((it) => (it.type === 'VariableDeclaration' ? it.declarations : []));
  const named = (is: (init: Node | null | undefined) => boolean): Set<string> =>
    new Set(declarators.flatMap(({ id, init }) => (id.type === 'Identifier' && is(init) ? id.name : [])));
  const once = named(isOnce);
  const modules = declarators.flatMap(({ id, init }): BundledModule[] => {
    const call = unwrap(init);
    if (id.type !== 'Identifier' || call?.type !== 'CallExpression') return [];
    const [argument] = call.arguments;
    if (call.callee.type !== 'Identifier' || !once.has(call.callee.name) || call.arguments.length > 1) return [];
    const given = unwrap(argument);
    const property =
      given?.type === 'ObjectExpression' && given.properties.length === 1 ? given.properties[0] : undefined;
    const node = property?.type === 'Property' ? property.value : given;
    return isFunction(node) ? [{ id: id.name, node }] : [];
  });
  return modules.length === 0 ? undefined : { ...facts, kind: 'esbuild', modules, helpers: named(isExporter) };
}

/** Whether `init` is a helper such as `(fn, res) => () => (fn && (res = fn(fn = 0)), res)`, which calls a module once. */
function isOnce(init: Node | null | undefined): boolean {
  const outer = unwrap(init);
  if (!isFunction(outer) || outer.params.length < 2) return false;
  const inner = unwrap(outer.body);
  return isFunction(inner) && inner.params.length === 0;
}

/** Whether `init` is `(target, all) => { for (var name in all) defineProperty(target, name, { get: all[name] }) }`. */
function isExporter(init: Node | null | undefined): boolean {
  const fn = unwrap(init);
  if (!isFunction(fn) || fn.body.type !== 'BlockStatement') return false;
  return fn.params.length === 2 && fn.body.body.length === 1 && fn.body.body[0]?.type === 'ForInStatement';
}

/** `nodes` and everything in them, from outside in. */
export function* walk(nodes: Iterable<Node>): Iterable<Node> {
  const stack = [...nodes].toReversed();
  for (let node = stack.pop(); node; node = stack.pop()) {
    yield node;
    stack.push(...[...children(node)].toReversed());
  }
}

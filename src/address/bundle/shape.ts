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

  /** The names of esbuild's functions that fill an object with getters. */
  readonly helpers: ReadonlySet<string>;
}

/** The shape of the bundle `text`; `undefined` if it is none. */
export function shapeOf(text: string): Shape | undefined {
  const script = parseModule(text, 'commonjs');
  const program = script ?? parseModule(text, 'module');
  if (!program) return undefined;
  const inner = bodyOf(program.body);
  const facts = { isModule: !script, body: inner?.body ?? program.body, end: inner ? inner.end - 1 : text.length, helpers: new Set<string>() };
  return turbopack(program.body, facts) ?? webpack(program.body, facts) ?? esbuild(facts);
}

type Facts = Pick<Shape, 'isModule' | 'body' | 'end' | 'helpers'>;

/** The body of the function that is called at once, if that is all of the file. */
function bodyOf(body: readonly Node[]): { readonly body: readonly Node[]; readonly end: number } | undefined {
  const statements = body.filter((it) => it.type !== 'EmptyStatement' && !('directive' in it));
  const [only] = statements;
  const fn = statements.length === 1 && only?.type === 'ExpressionStatement' ? calledAtOnce(only.expression) : undefined;
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
  if (statement?.type !== 'ExpressionStatement' || statement.expression.type !== 'AssignmentExpression') return undefined;
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

function webpack(program: readonly Node[], facts: Facts): Shape | undefined {
  const tables = new Map<string, BundledModule[]>();
  const chunks: BundledModule[] = [];
  for (const node of walk(program)) {
    const [target, value] = assignment(node);
    const modules = value && tableOf(value);
    if (!target || !modules) continue;
    if (target.type === 'Identifier' && target.name !== '__webpack_esm_modules__') tables.set(target.name, modules);
    else if (target.type === 'Identifier' || memberNameOf(target) === 'modules') chunks.push(...modules);
  }
  const runtime = runtimeIn(facts.body, tables);
  const modules = [...chunks, ...((runtime && tables.get(runtime.table)) ?? [])];
  return modules.length === 0 && !runtime ? undefined : { ...facts, kind: 'webpack', modules, runtime };
}

const memberNameOf = (node: Node): string | undefined =>
  node.type === 'MemberExpression' ? memberName(node) : undefined;

/** The target and the value of a declaration or an assignment. */
function assignment(node: Node): readonly [target?: Node, value?: Node | undefined] {
  if (node.type === 'VariableDeclarator') return [node.id, unwrap(node.init)];
  return node.type === 'AssignmentExpression' ? [node.left, unwrap(node.right)] : [];
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

/** The function `require(id)` that calls `table[id](…)`. */
function runtimeIn(body: readonly Node[], tables: ReadonlyMap<string, unknown>): Shape['runtime'] {
  for (const statement of body) {
    if (statement.type !== 'FunctionDeclaration' || !statement.id || statement.params.length !== 1) continue;
    const [parameter] = statement.params;
    for (const node of walk([statement.body])) {
      if (node.type !== 'MemberExpression' || !node.computed || node.object.type !== 'Identifier') continue;
      const isOfId = node.property.type === 'Identifier' && parameter?.type === 'Identifier' && node.property.name === parameter.name;
      if (isOfId && tables.has(node.object.name)) return { name: statement.id.name, table: node.object.name };
    }
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
    const property = given?.type === 'ObjectExpression' && given.properties.length === 1 ? given.properties[0] : undefined;
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

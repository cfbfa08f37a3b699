/** Finds what registers functions (the roots), what holds wrappers, and what calls one now. @module */

import type { CallGraph } from './call-graph.ts';
import type { MemberCall, Pass, Region } from './facts.ts';
import { containers, isHelper, keeperMethods, wrapping } from './known.ts';
import type { Names } from './names.ts';
import { calleeName, children, isClass, isFunction, memberName, rootName, unwrap } from './syntax.ts';
import type { Node } from './syntax.ts';
import type { Unit } from './units.ts';

/** What the main thread tells of its registrations. */
export interface Registrations {
  /** Whether the text from `start` to `end` is a registered function's. */
  isSource(start: number, end: number): boolean;

  /** Whether a registration stands there. */
  isPosition(start: number, end: number): boolean;

  /** Names of methods that are wrappers. */
  readonly methods: readonly string[];
}

/** Methods of a wrapper, and of what holds wrappers, that call none. */
const quiet: ReadonlySet<string> = new Set(['with', 'bind', 'toString']);
const reads: ReadonlySet<string> = new Set([
  'get',
  'has',
  'at',
  'keys',
  'values',
  'entries',
  'includes',
  'slice',
  'concat',
]);

/** The wrappers of a module. */
export class Wrappers {
  /** Units that register. */
  readonly roots: Set<Unit> = new Set();

  /** Names whose value is a wrapper, or holds one. */
  readonly #handles: Set<string> = new Set();

  /** Names whose call gives a wrapper: `threaded({ pool })`. */
  readonly #makers: Set<string> = new Set();
  readonly #methods: Set<string>;
  readonly #classNames: Map<string, boolean> = new Map();
  readonly #names: Names;
  readonly #graph: CallGraph;
  #registering: ReadonlySet<Region> = new Set();
  #dispatching: ReadonlySet<Region> = new Set();

  constructor(names: Names, graph: CallGraph, registrations: Registrations) {
    this.#names = names;
    this.#graph = graph;
    this.#methods = new Set(registrations.methods);
    for (const unit of names.units) if (this.#isMaker(unit)) for (const name of unit.names) this.#makers.add(name);
    this.#registering = graph.reaching([...graph.regions].filter((region) => this.#wraps(region)));
    this.#addRoots((unit) => this.#registersItself(unit));
    this.#followCarriers();
    // A helper that registers is called again in every thread, but not if what it does next is to call the wrapper.
    const indirect = (unit: Unit): boolean => this.#isToldOf(unit, registrations) && !this.dispatches(unit);
    this.#addRoots(indirect);
  }

  /** Whether evaluating `unit` calls a wrapper. */
  dispatches({ facts }: Unit): boolean {
    return this.#dispatching.has(facts.now);
  }

  /** Whether `name` is a wrapper or holds one. */
  isHandle(name: string): boolean {
    return this.#handles.has(name);
  }

  #addRoots(isRoot: (unit: Unit) => boolean): void {
    for (const unit of this.#names.units) {
      if (unit.kind === 'import' || unit.kind === 'export' || unit.kind === 'directive') continue;
      if (isRoot(unit)) this.roots.add(unit);
    }
    for (const unit of this.roots) this.#addFields(unit);
    for (const region of this.#graph.regions) for (const name of this.#filledBy(region)) this.#handles.add(name);
    for (let size = -1; size !== this.#handles.size;) {
      size = this.#handles.size;
      for (const unit of this.#names.units) for (const name of this.#holders(unit)) this.#handles.add(name);
    }
    const direct = [...this.#graph.regions].filter((region) => this.#calls(region));
    this.#dispatching = this.#graph.reaching(direct);
  }

  #registersItself(unit: Unit): boolean {
    const { now, usesNow } = unit.facts;
    // threaded(fn)(1), which no thread can take apart.
    const isCalled = now.results.some(({ root, method, via }) => this.#names.wraps(root, method ?? via[0]));
    if (isCalled) return false;
    return this.#names.registersNow(unit) || [...this.#makers].some((name) => usesNow.has(name));
  }

  /** Decorators as transforms write them: `_dec = [threaded]`, then `__decorateElement(…, _dec, A)`. */
  #followCarriers(): void {
    const carriers = new Set<string>();
    for (const { node, value, facts, names } of this.roots) {
      const inner = unwrap(value ?? node);
      const given = inner?.type === 'AssignmentExpression' ? unwrap(inner.right) : inner;
      if (given?.type !== 'ArrayExpression' && given?.type !== 'Identifier') continue;
      if (facts.now.calls.length > 0) continue;
      for (const name of [...names, ...facts.now.writes]) carriers.add(name);
    }
    if (carriers.size === 0) return;
    for (const unit of this.#names.units) {
      if (unit.facts.now.passes.some(({ name }) => carriers.has(name))) this.roots.add(unit);
    }
  }

  #isToldOf({ kind, start, end, value, facts }: Unit, registrations: Registrations): boolean {
    if (facts.functions.some(([from, to]) => registrations.isSource(from, to))) return true;
    const inner = unwrap(value);
    if (isFunction(inner)) return false;
    if (registrations.isPosition(start, end)) return true;
    return (kind === 'declaration' || inner !== undefined) && this.#registering.has(facts.now);
  }

  #wraps({ calls, members }: Region): boolean {
    const { wraps } = this.#names;
    const test = wraps.bind(this.#names);
    return (
      calls.some((name) => test(name) || this.#makers.has(name)) ||
      members.some(({ root, method, via }) => via.length === 0 && test(root, method))
    );
  }

  #isMaker({ kind, value }: Unit): boolean {
    const inner = unwrap(value);
    if (kind !== 'declaration' || inner?.type !== 'CallExpression') return false;
    if (!wrapping.has(this.#names.libraryValue(inner.callee) ?? '')) return false;
    const options = unwrap(inner.arguments[0]);
    if (options?.type !== 'Identifier') return options?.type === 'ObjectExpression';
    return (
      this.#names.owners.get(options.name)?.some((unit) => unwrap(unit.value)?.type === 'ObjectExpression') ?? false
    );
  }

  #addFields({ facts }: Unit): void {
    for (const [name, field] of facts.fields) if (this.#carries(field)) this.#methods.add(name);
  }

  /** The names to which `unit` gives a wrapper, or something that holds one. */
  #holders(unit: Unit): readonly string[] {
    const { kind, names, value, target, node, facts } = unit;
    if (kind === 'import' || kind === 'export' || kind === 'directive') return [];
    const inner = unwrap(value);
    if (names.some((name) => this.#makers.has(name)) || isFunction(inner) || this.#isClassLike(inner)) return [];
    const isNew = this.roots.has(unit) && !this.#registersOnly(unit);
    if (kind === 'declaration' || kind === 'default') {
      return isNew || (inner && this.#carries(inner)) ? names : [];
    }
    if (inner) {
      if (target === undefined || !(isNew || this.#carries(inner))) return [];
      return [target, ...facts.now.writes.filter((name) => name.startsWith('exports.'))];
    }
    return this.#filled(node);
  }

  /** Names of statements that put wrappers into something: `jobs.push(work)`, `jobs.a = threaded(…)`. */
  #filled(node: Node): string[] {
    const expression = unwrap(node.type === 'ExpressionStatement' ? node.expression : node);
    if (expression?.type === 'AssignmentExpression') {
      const name = rootName(expression.left);
      if (name === undefined || !this.#carries(expression.right)) return [];
      if (!this.#isClassName(name)) return [name];
      const field = expression.left.type === 'MemberExpression' ? memberName(expression.left) : undefined;
      if (field !== undefined) this.#methods.add(field);
      return [];
    }
    const callee = expression?.type === 'CallExpression' ? unwrap(expression.callee) : undefined;
    if (expression?.type === 'CallExpression' && callee?.type === 'MemberExpression') {
      const isKept = keeperMethods.has(memberName(callee) ?? '') || rootName(callee.object) === 'Object';
      const name = rootName(callee.object) === 'Object' ? rootName(expression.arguments[0]) : rootName(callee.object);
      if (isKept && name !== undefined && expression.arguments.some((arg) => this.#carries(arg))) return [name];
    }
    return [];
  }

  /** What loops and functions fill with wrappers. */
  *#filledBy(region: Region): Iterable<string> {
    if (!this.#wraps(region)) return;
    for (const name of [...region.writes, ...region.changes]) {
      if (this.#names.owns(name) && !this.#names.isImport(name) && !this.#isClassName(name)) yield name;
    }
  }

  /** Whether it registers, but has nothing to call: `setup(…)`, `sendable(A)`, `new ContextVar()`. */
  #registersOnly({ facts: { now, usesNow } }: Unit): boolean {
    const isWrapping = now.calls.some((name) => this.#names.wraps(name) || this.#makers.has(name));
    const isMember = now.members.some(({ root, method }) => this.#names.wraps(root, method));
    const isOther = [...now.calls, ...usesNow].some((name) => this.#names.libraryExport(name) !== undefined);
    return !isWrapping && !isMember && isOther;
  }

  /** Whether the value of `node` is a wrapper or holds one. */
  #carries(node: Node): boolean {
    const inner = unwrap(node);
    switch (inner?.type) {
      case 'Identifier':
        return this.#handles.has(inner.name);
      case 'MemberExpression': {
        const name = memberName(inner);
        const object = unwrap(inner.object);
        const isField = object?.type === 'Identifier' && this.#isClassName(object.name);
        return isField ? name !== undefined && this.#methods.has(name) : this.#carries(inner.object);
      }
      case 'Property':
        return this.#carries(inner.value);
      case 'ArrayExpression':
      case 'ObjectExpression':
      case 'SpreadElement':
      case 'ConditionalExpression':
      case 'LogicalExpression':
        for (const child of children(inner)) if (this.#carries(child)) return true;
        return false;
      case 'AssignmentExpression':
        return this.#carries(inner.right);
      case 'NewExpression':
        if (this.#names.libraryValue(inner.callee) === 'ThreadPool') return true;
        return containers.has(calleeName(inner.callee) ?? '') && inner.arguments.some((arg) => this.#carries(arg));
      case 'CallExpression': {
        const callee = unwrap(inner.callee);
        if (this.#names.libraryValue(callee) !== undefined) return wrapping.has(this.#names.libraryValue(callee) ?? '');
        if (callee?.type === 'Identifier') return this.#makers.has(callee.name) || this.#isFactory(callee.name);
        if (callee?.type === 'CallExpression') return wrapping.has(this.#names.libraryValue(callee.callee) ?? '');
        if (callee?.type !== 'MemberExpression') return false;
        if (rootName(callee.object) === 'Object') return inner.arguments.some((arg) => this.#carries(arg));
        const method = memberName(callee) ?? '';
        return (quiet.has(method) || reads.has(method)) && this.#carries(callee.object);
      }
      default:
        return false;
    }
  }

  #isFactory(name: string): boolean {
    const owners = this.#names.owners.get(name) ?? [];
    return owners.some(({ value, facts }) => isFunction(unwrap(value)) && this.#registering.has(facts.body));
  }

  #isClassName(name: string): boolean {
    const known = this.#classNames.get(name);
    if (known !== undefined) return known;
    // Names may stand for each other.
    this.#classNames.set(name, false);
    const owners = this.#names.owners.get(name) ?? [];
    const isClass = owners.some(({ value }) => this.#isClassLike(unwrap(value)));
    this.#classNames.set(name, isClass);
    return isClass;
  }

  /** A class, or a function called at once that gives one: what transforms make of decorated classes. */
  #isClassLike(node: Node | undefined): boolean {
    if (isClass(node)) return true;
    if (node?.type === 'Identifier') return this.#isClassName(node.name);
    if (node?.type === 'AssignmentExpression') return this.#isClassLike(unwrap(node.right));
    const callee = node?.type === 'CallExpression' ? unwrap(node.callee) : undefined;
    if (!isFunction(callee) || callee.body.type !== 'BlockStatement') return false;
    return callee.body.body.some(
      (statement) =>
        isClass(statement) ||
        (statement.type === 'ReturnStatement' && this.#isClassLike(unwrap(statement.argument))) ||
        (statement.type === 'VariableDeclaration' && statement.declarations.some(({ init }) => isClass(unwrap(init)))),
    );
  }

  /** Whether `region` itself calls a wrapper, or hands one to something that may. */
  #calls(region: Region): boolean {
    const { names } = { names: this.#names };
    return (
      region.calls.some((name) => this.#handles.has(name)) ||
      region.members.some((call) => this.#isWrapperCall(call)) ||
      region.results.some((call) => this.#isResultCall(call)) ||
      region.passes.some(
        (pass) => this.#handles.has(pass.name) && !names.libraryExport(pass.callee) && this.#mayCall(pass),
      )
    );
  }

  #isWrapperCall({ root, method, via }: MemberCall): boolean {
    if (method !== undefined && quiet.has(method)) return false;
    if (root !== undefined && this.#handles.has(root)) {
      const isKept = method !== undefined && (keeperMethods.has(method) || reads.has(method));
      return !(isKept && this.#isContainer(root));
    }
    return this.#isMethod(root, [...via, method]);
  }

  #isResultCall({ root, method, via }: MemberCall): boolean {
    if (root === undefined) return this.#isMethod(root, via);
    if (this.#handles.has(root) || this.#makers.has(root) || this.#isFactory(root)) return true;
    return this.#names.wraps(root, method ?? via[0]) || this.#isMethod(root, via);
  }

  /** Whether one of `path` is a wrapped method that what `root` holds may have. */
  #isMethod(root: string | undefined, path: readonly (string | undefined)[]): boolean {
    const name = path.find((name) => name !== undefined && this.#methods.has(name));
    if (name === undefined) return false;
    if (root === undefined) return true;
    const owners = this.#names.owners.get(root);
    if (!owners || this.#names.isImport(root)) return false;
    return !owners.some(
      ({ value, facts }) => isPlain(unwrap(value)) || (!this.#isClassName(root) && facts.methods.has(name)),
    );
  }

  #isContainer(name: string): boolean {
    return this.#names.owners.get(name)?.some(({ value }) => isList(unwrap(value))) ?? false;
  }

  /** Whether what gets a wrapper may call it. */
  #mayCall({ callee, index }: Pass): boolean {
    if (callee === undefined) return true;
    if (isHelper(callee) || containers.has(callee) || callee.startsWith('Object.')) return false;
    if (callee.startsWith('.')) return !keeperMethods.has(callee.slice(1));
    const owners = this.#names.owners.get(callee) ?? [];
    return !owners.some(({ value, facts: { parameters } }) => {
      if (!isFunction(unwrap(value)) || index < 0 || parameters.called.has(index)) return false;
      return parameters.passes.every((pass) => pass.parameter !== index || !this.#mayCall(pass));
    });
  }
}

function isPlain(node: Node | undefined): boolean {
  return node?.type === 'Literal' || node?.type === 'TemplateLiteral' || isList(node);
}

function isList(node: Node | undefined): boolean {
  if (node?.type === 'NewExpression') return containers.has(calleeName(node.callee) ?? '');
  return node?.type === 'ArrayExpression';
}

/** Follows wrappers into what holds them: names, objects, lists, static fields. @module */

import type { CallGraph } from './call-graph.ts';
import type { Region } from './facts.ts';
import { containers, keeperMethods, wrapping } from './known.ts';
import type { Names } from './names.ts';
import { calleeName, children, isClass, isFunction, memberName, rootName, unwrap } from './syntax.ts';
import type { Node } from './syntax.ts';
import type { Unit } from './units.ts';

/** Methods of wrappers that give wrappers and call none. */
export const quiet: ReadonlySet<string> = new Set(['with', 'bind', 'toString']);

/** Methods of lists and maps that give what they hold. */
export const reads: ReadonlySet<string> = new Set('get has at keys values entries includes slice concat'.split(' '));

/** What of a module is a wrapper, makes one, or holds one. */
export class Holdings {
  /** Names whose value is a wrapper, or holds one. */
  readonly handles: Set<string> = new Set();

  /** Names whose call gives a wrapper: `threaded({ pool })`. */
  readonly makers: Set<string> = new Set();

  /** Names of methods and static fields that are wrappers. */
  readonly methods: Set<string>;

  /** Code that makes wrappers. */
  readonly registering: ReadonlySet<Region>;
  readonly #classNames: Map<string, boolean> = new Map();
  readonly #names: Names;
  readonly #graph: CallGraph;

  constructor(names: Names, graph: CallGraph, methods: readonly string[]) {
    this.#names = names;
    this.#graph = graph;
    this.methods = new Set(methods);
    for (const unit of names.units) if (this.#isMaker(unit)) for (const name of unit.names) this.makers.add(name);
    this.registering = graph.reaching([...graph.regions].filter((region) => this.#wraps(region)));
  }

  /** Follows what `roots` make. */
  follow(roots: ReadonlySet<Unit>): void {
    for (const unit of roots) this.#addFields(unit);
    for (const region of this.#graph.regions) for (const name of this.#filledBy(region)) this.handles.add(name);
    for (let size = -1; size !== this.handles.size;) {
      size = this.handles.size;
      for (const unit of this.#names.units) for (const name of this.#holders(unit, roots)) this.handles.add(name);
    }
  }

  /** Whether calling `name` makes a wrapper. */
  isFactory(name: string): boolean {
    const owners = this.#names.owners.get(name) ?? [];
    return owners.some(({ value, facts }) => isFunction(unwrap(value)) && this.registering.has(facts.body));
  }

  /** Whether `name` is a class. */
  isClassName(name: string): boolean {
    const known = this.#classNames.get(name);
    if (known !== undefined) return known;
    // Names may stand for each other.
    this.#classNames.set(name, false);
    const owners = this.#names.owners.get(name) ?? [];
    const isClass = owners.some(({ value }) => this.#isClassLike(unwrap(value)));
    this.#classNames.set(name, isClass);
    return isClass;
  }

  #isClassLike(node: Node | undefined): boolean {
    if (isClass(node)) return true;
    if (node?.type === 'Identifier') return this.isClassName(node.name);
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

  #carries(node: Node): boolean {
    const inner = unwrap(node);
    switch (inner?.type) {
      case 'Identifier':
        return this.handles.has(inner.name);
      case 'MemberExpression': {
        const name = memberName(inner);
        const object = unwrap(inner.object);
        const isField = object?.type === 'Identifier' && this.isClassName(object.name);
        return isField ? name !== undefined && this.methods.has(name) : this.#carries(inner.object);
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
        if (callee?.type === 'Identifier') return this.makers.has(callee.name) || this.isFactory(callee.name);
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

  #wraps({ calls, members }: Region): boolean {
    const { wraps } = this.#names;
    const test = wraps.bind(this.#names);
    return (
      calls.some((name) => test(name) || this.makers.has(name)) ||
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
    for (const [name, field] of facts.fields) if (this.#carries(field)) this.methods.add(name);
  }

  #holders(unit: Unit, roots: ReadonlySet<Unit>): readonly string[] {
    const { kind, names, value, target, node, facts } = unit;
    if (kind === 'import' || kind === 'export' || kind === 'directive') return [];
    const inner = unwrap(value);
    if (names.some((name) => this.makers.has(name)) || isFunction(inner) || this.#isClassLike(inner)) return [];
    const isNew = roots.has(unit) && !this.#registersOnly(unit);
    if (kind === 'declaration' || kind === 'default') {
      return isNew || (inner && this.#carries(inner)) ? names : [];
    }
    if (inner) {
      if (target === undefined || !(isNew || this.#carries(inner))) return [];
      return [target, ...facts.now.writes.filter((name) => name.startsWith('exports.'))];
    }
    return this.#filled(node);
  }

  #filled(node: Node): string[] {
    const expression = unwrap(node.type === 'ExpressionStatement' ? node.expression : node);
    if (expression?.type === 'AssignmentExpression') {
      const name = rootName(expression.left);
      if (name === undefined || !this.#carries(expression.right)) return [];
      if (!this.isClassName(name)) return [name];
      const field = expression.left.type === 'MemberExpression' ? memberName(expression.left) : undefined;
      if (field !== undefined) this.methods.add(field);
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

  *#filledBy(region: Region): Iterable<string> {
    if (!this.#wraps(region)) return;
    for (const name of [...region.writes, ...region.changes]) {
      if (this.#names.owns(name) && !this.#names.isImport(name) && !this.isClassName(name)) yield name;
    }
  }

  #registersOnly({ facts: { now, usesNow } }: Unit): boolean {
    const isWrapping = now.calls.some((name) => this.#names.wraps(name) || this.makers.has(name));
    const isMember = now.members.some(({ root, method }) => this.#names.wraps(root, method));
    const isOther = [...now.calls, ...usesNow].some((name) => this.#names.libraryExport(name) !== undefined);
    return !isWrapping && !isMember && isOther;
  }
}

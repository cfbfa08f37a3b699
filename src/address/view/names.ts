/** Finds the units that declare and use each top-level name, and the names for exports of the library. @module */

import { registering, wrapping } from './known.ts';
import { isFunction, keyName, memberName, unwrap } from './syntax.ts';
import type { Node } from './syntax.ts';
import type { Unit } from './units.ts';
import { usesOf } from './uses.ts';
import type { Uses } from './uses.ts';

type CallNode = Extract<Node, { type: 'CallExpression' }>;

/** The names of a module's top level. */
export class Names {
  readonly units: readonly Unit[];

  /** The units that declare each name. */
  readonly owners: Map<string, Unit[]> = new Map();

  /** The units that set each CommonJS export. */
  readonly exporters: Map<string, Unit[]> = new Map();

  /** The uses in the text of each unit. */
  readonly uses: Map<Unit, Uses> = new Map();

  /** Names that stand for an export of the library, and that export. */
  readonly #library: Map<string, string> = new Map();

  /** Names that stand for the whole library. */
  readonly #namespaces: Set<string> = new Set();

  constructor(units: readonly Unit[], isLibrary: (source: string) => boolean) {
    this.units = units;
    for (const unit of units) {
      for (const name of unit.names) push(this.owners, name, unit);
      for (const name of unit.exported) push(this.exporters, name, unit);
      if (unit.source !== undefined && isLibrary(unit.source)) this.#import(unit);
      else if (unit.kind === 'declaration') this.#alias(unit);
    }
    const callees = {
      isMainOnly: (callee: Node): boolean => this.libraryValue(callee) === 'coroutine',
      registers: (call: CallNode): boolean => this.registration(call) !== undefined,
    };
    for (const unit of units) {
      const uses = usesOf(unit.node, callees);
      // The parts of `__export(exports, { … })` around the properties: the function and the object that receives them.
      const shell = unit.group?.shell;
      for (const part of shell ? [shell.callee, ...shell.arguments.slice(0, 1)] : []) {
        for (const name of usesOf(part, callees).names) uses.names.add(name);
      }
      this.uses.set(unit, uses);
    }
  }

  /** Whether `name` is imported. */
  isImport(name: string): boolean {
    return this.owners.get(name)?.some(({ kind }) => kind === 'import') ?? false;
  }

  /** The export of the library that `node` refers to. */
  libraryValue(node: Node | undefined): string | undefined {
    const inner = unwrap(node);
    if (inner?.type === 'Identifier') return this.#library.get(inner.name);
    if (inner?.type !== 'MemberExpression') return undefined;
    const object = unwrap(inner.object);
    return object?.type === 'Identifier' && this.#namespaces.has(object.name) ? memberName(inner) : undefined;
  }

  /** The export of the library by which `call` registers, if it does. */
  registration(call: CallNode): string | undefined {
    const callee = unwrap(call.callee);
    const name = this.libraryValue(callee) ?? '';
    if (registering.has(name)) return name;
    // This is `threaded(options)(fn)`, not `threaded(fn)(x)`, which calls a wrapper.
    if (callee?.type !== 'CallExpression') return undefined;
    const options = unwrap(callee.arguments[0]);
    const isCurried = options?.type === 'ObjectExpression' || isFunction(unwrap(call.arguments[0]));
    const maker = this.libraryValue(callee.callee) ?? '';
    return isCurried && !isFunction(options) && wrapping.has(maker) ? maker : undefined;
  }

  #import({ node, value }: Unit): void {
    if (node.type === 'ImportDeclaration') {
      for (const specifier of node.specifiers) {
        const { name } = specifier.local;
        if (specifier.type !== 'ImportSpecifier') this.#namespaces.add(name);
        else this.#library.set(name, importedName(specifier.imported));
      }
    } else if (node.type === 'VariableDeclarator') {
      const inner = unwrap(value);
      const member = inner?.type === 'MemberExpression' ? memberName(inner) : undefined;
      if (node.id.type !== 'Identifier') this.#destructure(node.id);
      else if (member === undefined) this.#namespaces.add(node.id.name);
      else this.#library.set(node.id.name, member);
    }
  }

  #destructure(pattern: Node): void {
    if (pattern.type !== 'ObjectPattern') return;
    for (const property of pattern.properties) {
      const name = property.type === 'Property' ? keyName(property) : undefined;
      if (property.type === 'Property' && property.value.type === 'Identifier' && name !== undefined) {
        this.#library.set(property.value.name, name);
      }
    }
  }

  /** Handles aliases: `const wrap = threaded`, `const { threaded } = offloop`. */
  #alias({ node, value }: Unit): void {
    if (node.type !== 'VariableDeclarator') return;
    const inner = unwrap(value);
    const exported = this.libraryValue(inner);
    if (exported !== undefined && node.id.type === 'Identifier') this.#library.set(node.id.name, exported);
    else if (inner?.type === 'Identifier' && this.#namespaces.has(inner.name)) {
      if (node.id.type === 'Identifier') this.#namespaces.add(node.id.name);
      else this.#destructure(node.id);
    }
  }
}

/** Adds `value` to the list that `map` has for `key`. */
export function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function importedName(node: Node): string {
  return node.type === 'Identifier' ? node.name : node.type === 'Literal' ? String(node.value) : '';
}

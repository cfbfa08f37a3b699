/** Which units declare and assign the names of the top level, and what the library is called there. @module */

import { isBuiltinModule, registering, wrapping } from './known.ts';
import { keyName, memberName, unwrap } from './syntax.ts';
import type { Node } from './syntax.ts';
import type { Unit } from './units.ts';

/** The names of a module's top level. */
export class Names {
  readonly units: readonly Unit[];

  /** The units that declare a name. */
  readonly owners: Map<string, Unit[]> = new Map();

  /** The units that assign a name when they are evaluated. */
  readonly writers: Map<string, Unit[]> = new Map();

  /** Names that stand for an export of the library, and for which. */
  readonly #library: Map<string, string> = new Map();

  /** Names of the library as a whole. */
  readonly #namespaces: Set<string> = new Set();
  readonly #fixed: Set<string> = new Set();

  constructor(units: readonly Unit[], libraries: readonly string[]) {
    this.units = units;
    for (const unit of units) {
      for (const name of unit.names) push(this.owners, name, unit);
      for (const name of new Set(unit.facts.now.writes)) push(this.writers, name, unit);
      const isLibrary = unit.source !== undefined && libraries.includes(unit.source);
      if (isLibrary || (unit.source !== undefined && isBuiltinModule(unit.source))) {
        for (const name of unit.names) this.#fixed.add(name);
      }
      if (isLibrary) this.#import(unit);
      else if (unit.kind === 'declaration') this.#alias(unit);
    }
  }

  /** Whether the module declares or assigns `name`. */
  owns(name: string): boolean {
    return this.owners.has(name) || this.writers.has(name);
  }

  /** Whether `name` is imported. */
  isImport(name: string): boolean {
    return this.owners.get(name)?.some(({ kind }) => kind === 'import') ?? false;
  }

  /** Whether `name` comes from Node.js or the library, which nobody configures for a module's sake. */
  isFixed(name: string): boolean {
    return this.#fixed.has(name);
  }

  /** The export of the library that `name`, or the member `method` of it, stands for. */
  libraryExport(name: string | undefined, method?: string): string | undefined {
    if (name === undefined) return undefined;
    return this.#namespaces.has(name) ? method : this.#library.get(name);
  }

  /** The export of the library that `node` stands for. */
  libraryValue(node: Node | undefined): string | undefined {
    const inner = unwrap(node);
    if (inner?.type === 'Identifier') return this.#library.get(inner.name);
    if (inner?.type !== 'MemberExpression') return undefined;
    const object = unwrap(inner.object);
    return object?.type === 'Identifier' && this.#namespaces.has(object.name) ? memberName(inner) : undefined;
  }

  /** Whether evaluating `unit` uses something of the library that registers. */
  registersNow({ facts }: Unit): boolean {
    for (const [name, exported] of this.#library) {
      if (registering.has(exported) && facts.usesNow.has(name)) return true;
    }
    for (const name of this.#namespaces) {
      if (!facts.usesNow.has(name)) continue;
      for (const exported of registering) if (facts.membersNow.has(`${name}.${exported}`)) return true;
    }
    return false;
  }

  /** Whether `name` is, or its member `method` is, what makes wrappers. */
  wraps(name: string | undefined, method?: string): boolean {
    const exported = this.libraryExport(name, method);
    return exported !== undefined && wrapping.has(exported);
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

  /** `const wrap = threaded`, `const { threaded } = offloop`. */
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

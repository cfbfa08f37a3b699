/** Decides which exports are kept for modules that import the program back. @module */

import type { Names } from './names.ts';
import { containers } from './known.ts';
import { calleeName, isClass, isFunction, unwrap } from './syntax.ts';
import type { Node } from './syntax.ts';
import type { Unit } from './units.ts';

/** Finds exports that run nothing when they are made: functions, classes, constants, and whatever is kept anyway. */
export class Exportable {
  readonly #names: Names;
  readonly #kept: ReadonlySet<Unit>;

  /** @param kept The units that are kept anyway. */
  constructor(names: Names, kept: ReadonlySet<Unit>) {
    this.#names = names;
    this.#kept = kept;
  }

  /** Whether `unit` is an export that can be kept. */
  has({ kind, value, exported }: Unit): boolean {
    if (exported.length === 0) return false;
    const inner = unwrap(value);
    if (kind !== 'default') return this.#isInert(inner, new Set());
    if (inner?.type === 'Identifier') return this.hasName(inner.name);
    return isFunction(inner) || isClass(inner) || isLiteral(inner);
  }

  /** Whether the value of the top-level variable `name` can be kept. */
  hasName(name: string, seen: Set<string> = new Set()): boolean {
    if (seen.has(name)) return true;
    seen.add(name);
    const owners = this.#names.owners.get(name);
    if (!owners) return true;
    return owners.every((owner) => {
      if (this.#kept.has(owner)) return true;
      return owner.kind !== 'import' && (owner.value === undefined || this.#isInert(owner.value, seen));
    });
  }

  #isInert(value: Node | undefined, seen: Set<string>): boolean {
    const inner = unwrap(value);
    const all = (nodes: readonly (Node | null)[]): boolean => nodes.every((node) => !node || this.#isInert(node, seen));
    switch (inner?.type) {
      case 'Literal':
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
      case 'ClassDeclaration':
      case 'ClassExpression':
        return true;
      case 'Identifier':
        return this.#names.isImport(inner.name) || this.hasName(inner.name, seen);
      case 'MemberExpression':
        return this.#isInert(inner.object, seen);
      case 'TemplateLiteral':
        return all(inner.expressions);
      case 'UnaryExpression':
        return inner.operator !== 'delete' && all([inner.argument]);
      case 'BinaryExpression':
      case 'LogicalExpression':
        return inner.left.type !== 'PrivateIdentifier' && all([inner.left, inner.right]);
      case 'ConditionalExpression':
        return all([inner.test, inner.consequent, inner.alternate]);
      case 'ArrayExpression':
        return all(inner.elements);
      case 'ObjectExpression':
        return all(inner.properties);
      case 'SpreadElement':
        return all([inner.argument]);
      case 'Property':
        return all([inner.value]) && (!inner.computed || all([inner.key]));
      case 'NewExpression':
        return containers.has(calleeName(inner.callee) ?? '') && all(inner.arguments);
      case 'CallExpression': {
        const callee = unwrap(inner.callee);
        const isFreeze =
          callee?.type === 'MemberExpression' && callee.object.type === 'Identifier' && callee.object.name === 'Object';
        return (isFreeze || /^(?:Symbol|__toCommonJS)$/.test(calleeName(inner.callee) ?? '')) && all(inner.arguments);
      }
      default:
        return false;
    }
  }
}

function isLiteral(node: Node | undefined): boolean {
  const inner = unwrap(node);
  if (inner?.type === 'ObjectExpression') {
    return inner.properties.every((it) => it.type === 'Property' && !it.computed && isLiteral(it.value));
  }
  if (inner?.type === 'ArrayExpression') return inner.elements.every((it) => !it || isLiteral(it));
  if (inner?.type === 'UnaryExpression') return isLiteral(inner.argument);
  if (inner?.type === 'TemplateLiteral') return inner.expressions.length === 0;
  return inner?.type === 'Literal';
}

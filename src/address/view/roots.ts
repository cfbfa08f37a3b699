/** Finds the units that register functions, and the part of each that has to be kept. @module */

import type { Registrations } from './registrations.ts';
import type { Flow } from './flow.ts';
import { wrapping } from './known.ts';
import type { Names } from './names.ts';
import { children, isFunction, unwrap } from './syntax.ts';
import type { Node } from './syntax.ts';
import type { Unit } from './units.ts';
import type { Registering } from './uses.ts';

/** A unit that registers. */
export interface Root {
  /**
   * The registering calls in the unit, if these are all that registers and need nothing declared around them: alone,
   * without the rest of the unit, they do the same. Otherwise `undefined`.
   */
  readonly parts: readonly Registering[] | undefined;

  /** Whether the unit does nothing else, or declares or exports what it makes. */
  readonly isPlain: boolean;
}

/** The units that register. */
export function rootsOf(names: Names, flow: Flow, registrations: Registrations): Map<Unit, Root> {
  const roots = new Map<Unit, Root>();
  for (const unit of names.units) {
    const root = rootOf(unit, names, { flow, registrations });
    if (root) roots.set(unit, root);
  }
  return roots;
}

interface Facts {
  readonly flow: Flow;
  readonly registrations: Registrations;
}

const never = new Set<Unit['kind']>(['import', 'export', 'directive', 'shell']);

function rootOf(unit: Unit, names: Names, { flow, registrations }: Facts): Root | undefined {
  if (never.has(unit.kind)) return undefined;
  const uses = names.uses.get(unit);
  const calls = uses?.registrations ?? [];
  const isFunctionUnit = isFunction(unwrap(unit.value));
  const registersNow = flow.registering.has(unit);
  const isSource = uses?.functions.some(({ start, end }) => registrations.isSource(start, end)) ?? false;
  if (!registersNow && isFunctionUnit) return undefined;
  const isTold = registersNow || isSource || registrations.isPosition(unit.start, unit.end);
  if (!isTold) return undefined;
  const outer = outermost(calls);
  const canStand =
    outer.length > 0 &&
    outer.every(({ node, names: used }) => {
      const isWrapping = node.type === 'CallExpression' && wrapping.has(names.registration(node) ?? '');
      return isWrapping && used && !dependsOnPlace(node);
    });
  const isNamed =
    unit.kind === 'declaration' || unit.kind === 'default' || unit.kind === 'property' || unit.exported.length > 0;
  return { parts: canStand ? outer : undefined, isPlain: isNamed && !flow.foreign.has(unit) };
}

function outermost(calls: readonly Registering[]): Registering[] {
  return calls.filter(({ node }) => {
    return !calls.some((other) => other.node !== node && other.node.start <= node.start && other.node.end >= node.end);
  });
}

/** Whether the meaning of the code depends on its place, as that of `await` and `this`. */
function dependsOnPlace(node: Node): boolean {
  switch (node.type) {
    case 'AwaitExpression':
    case 'YieldExpression':
    case 'ThisExpression':
    case 'Super':
      return true;
    case 'FunctionExpression':
    case 'FunctionDeclaration':
    case 'ClassExpression':
    case 'ClassDeclaration':
      return false;
    case 'ArrowFunctionExpression':
      return [...node.params, node.body].some((part) => usesThis(part));
    default:
      for (const child of children(node)) if (dependsOnPlace(child)) return true;
      return false;
  }
}

function usesThis(node: Node): boolean {
  if (node.type === 'ThisExpression' || node.type === 'Super') return true;
  if (node.type === 'FunctionExpression' || node.type === 'FunctionDeclaration') return false;
  for (const child of children(node)) if (usesThis(child)) return true;
  return false;
}

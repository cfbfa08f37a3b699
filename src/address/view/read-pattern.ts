/** Reads declarations and assignments: what gets a value, and what only looks like it. @module */

import type { Place, Reader } from './read.ts';
import { Scope } from './scope.ts';
import { exportsName, isFunction, memberName, patternNames, rootName, unwrap } from './syntax.ts';
import type { Node } from './syntax.ts';

/** Reads a declarator. */
export function readDeclarator(
  reader: Reader,
  { id, init }: Extract<Node, { type: 'VariableDeclarator' }>,
  place: Place,
): void {
  const { scope } = place;
  readPattern(reader, id, place);
  if (!init) return;
  const inner = unwrap(init);
  const root = rootName(init);
  const origin = root === undefined ? undefined : scope.resolve(root);
  for (const name of patternNames(id)) {
    const binding = scope.find(name);
    if (!binding) {
      place.region.writes.push(name);
    } else if (isFunction(inner) && binding.region) {
      return reader.body(inner, { ...place, region: binding.region, now: false });
    } else if (inner?.type === 'CallExpression') {
      if (origin !== undefined) binding.maker = origin;
    } else if (origin !== undefined && (inner?.type === 'Identifier' || inner?.type === 'MemberExpression')) {
      binding.alias ??= origin;
    }
  }
  reader.read(init, place);
}

/** Reads an assignment. */
export function readAssignment(
  reader: Reader,
  { left, right }: Extract<Node, { type: 'AssignmentExpression' }>,
  place: Place,
): void {
  readTarget(reader, left, place);
  const member = unwrap(left);
  const isMember = member?.type === 'MemberExpression' && exportsName(member) === undefined;
  const inner = unwrap(right);
  const binding = member?.type === 'Identifier' ? place.scope.find(member.name) : undefined;
  if (binding?.region && isFunction(inner)) reader.body(inner, { ...place, region: binding.region, now: false });
  else reader.value(isMember ? memberName(member) : undefined, right, place);
}

/** Reads what is assigned to: a pattern, a name, a member. */
export function readTarget(reader: Reader, target: Node | null, place: Place): void {
  const inner = unwrap(target);
  if (inner?.type === 'AssignmentPattern') {
    readTarget(reader, inner.left, place);
    reader.read(inner.right, place);
  } else if (inner?.type === 'RestElement') readTarget(reader, inner.argument, place);
  else if (inner?.type === 'ArrayPattern') for (const element of inner.elements) readTarget(reader, element, place);
  else if (inner?.type === 'ObjectPattern') {
    for (const property of inner.properties) {
      if (property.type !== 'RestElement' && property.computed) reader.read(property.key, place);
      readTarget(reader, property.type === 'RestElement' ? property : property.value, place);
    }
  } else readAssigned(reader, inner, place);
}

function readAssigned(reader: Reader, node: Node | undefined, place: Place): void {
  const name = node?.type === 'Identifier' ? node.name : node && exportsName(node);
  if (name === undefined) {
    reader.read(node, place);
    if (node) reader.change(node, place);
  } else if (!place.scope.find(name)) {
    // An assigned name has to be declared as well.
    if (node?.type === 'Identifier') reader.use(name, place);
    place.region.writes.push(name);
  }
}

/** Reads what a binding pattern evaluates: defaults and computed keys. */
export function readPattern(reader: Reader, pattern: Node | null, place: Place): void {
  if (pattern?.type === 'AssignmentPattern') {
    readPattern(reader, pattern.left, place);
    reader.read(pattern.right, place);
  } else if (pattern?.type === 'RestElement') readPattern(reader, pattern.argument, place);
  else if (pattern?.type === 'ArrayPattern')
    for (const element of pattern.elements) readPattern(reader, element, place);
  else if (pattern?.type === 'ObjectPattern') {
    for (const property of pattern.properties) {
      if (property.type === 'RestElement') continue;
      if (property.computed) reader.read(property.key, place);
      readPattern(reader, property.value, place);
    }
  }
}

/** Reads a loop over the items of something. */
export function readEach(
  reader: Reader,
  node: Extract<Node, { type: 'ForInStatement' | 'ForOfStatement' }>,
  place: Place,
): void {
  const scope = new Scope(place.scope);
  const inner = { ...place, scope };
  reader.read(node.right, place);
  if (node.left.type !== 'VariableDeclaration') readTarget(reader, node.left, inner);
  else {
    scope.declareBlock([node.left]);
    const root = rootName(node.right);
    const origin = root === undefined ? undefined : place.scope.resolve(root);
    for (const { id } of node.left.declarations) {
      readPattern(reader, id, inner);
      for (const name of patternNames(id)) {
        const binding = scope.find(name);
        if (!binding) place.region.writes.push(name);
        else if (origin !== undefined) binding.alias ??= origin;
      }
    }
  }
  reader.read(node.body, inner);
}

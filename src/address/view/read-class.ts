/** Reads classes: what runs now, what a constructor runs, what the methods do. @module */

import type { Place, Reader } from './read.ts';
import { Scope } from './scope.ts';
import { isFunction, keyName, rootName, unwrap } from './syntax.ts';
import type { ClassNode, Node } from './syntax.ts';

/** Reads a class that stands at `place`. */
export function readClass(reader: Reader, node: ClassNode, place: Place): void {
  const scope = node.type === 'ClassExpression' && node.id ? new Scope(place.scope, [node.id.name]) : place.scope;
  const inner = { ...place, scope };
  const construction = place.now ? reader.facts.body : reader.facts.stored;
  reader.read(node.superClass, inner);
  const parent = rootName(node.superClass);
  if (parent !== undefined && !scope.find(parent)) construction.calls.push(parent);
  for (const member of node.body.body) {
    if (member.type === 'StaticBlock') {
      reader.read(member, inner);
      continue;
    }
    if (member.computed) reader.read(member.key, inner);
    if (member.type === 'MethodDefinition' && member.kind === 'constructor') {
      reader.body(member.value, { ...inner, region: construction, now: false });
    } else if (member.type === 'MethodDefinition' || !member.static) {
      const name = keyName(member) ?? '';
      const region = member.type === 'MethodDefinition' ? reader.method(name) : construction;
      const at = { ...inner, region, now: false, scope: new Scope(scope, ['arguments']) };
      if (member.type === 'MethodDefinition') reader.body(member.value, at);
      else reader.value(name, member.value, at);
    } else readStaticField(reader, member, inner);
  }
}

function readStaticField(reader: Reader, field: Extract<Node, { type: 'PropertyDefinition' }>, place: Place): void {
  const name = keyName(field);
  const value = unwrap(field.value);
  if (place.now && name !== undefined && value && !isFunction(value)) {
    reader.facts.fields.set(name, value);
  }
  reader.value(name, field.value, { ...place, scope: new Scope(place.scope, ['arguments']) });
}

/** Analyses binding and assignment patterns. @module */

import { unwrap } from '../syntax.ts';
import type { Node } from '../syntax.ts';
import { assign, itemsOf, memberOf, propertyKey } from './access.ts';
import type { Frame } from './frame.ts';
import { nothing, Value } from './value.ts';
import type { Walk } from './walk.ts';

/** Analyses the binding or assignment of the parts of `value` to the names in `pattern`. */
export function bindPattern(walk: Walk, pattern: Node | null | undefined, value: Value, frame: Frame): void {
  const { heap } = walk;
  const node = unwrap(pattern);
  if (!node) return;
  switch (node.type) {
    case 'AssignmentPattern':
      return bindPattern(walk, node.left, heap.union(value, walk.expression(node.right, frame)), frame);
    case 'RestElement':
      return bindPattern(walk, node.argument, value, frame);
    case 'ArrayPattern': {
      if (value !== nothing) frame.region.reads.push({ of: value, key: undefined });
      for (const [index, element] of node.elements.entries()) {
        if (element?.type === 'RestElement') {
          bindPattern(walk, element.argument, listOf(walk, itemsOf(walk, value, frame), frame), frame);
        } else if (element) bindPattern(walk, element, placed(walk, value, index, frame), frame);
      }
      return;
    }
    case 'ObjectPattern':
      for (const property of node.properties) {
        if (property.type === 'RestElement') {
          const rest = heap.make('plain', frame.region);
          heap.flow(memberOf(walk, value, undefined, frame), heap.initial(rest, undefined));
          bindPattern(walk, property.argument, heap.holding(rest), frame);
          continue;
        }
        if (property.computed) walk.expression(property.key, frame);
        bindPattern(walk, property.value, memberOf(walk, value, propertyKey(property), frame), frame);
      }
      return;
    default:
      assign(walk, node, { value, place: node }, frame);
  }
}

/** A list that holds `items`. */
export function listOf({ heap }: Walk, items: Value, { region }: Frame): Value {
  const list = heap.make('list', region);
  heap.flow(items, heap.initial(list, undefined));
  return heap.holding(list);
}

/** The possible items at `index` of a list. For a list literal, that is only the item written there. */
function placed(walk: Walk, value: Value, index: number, frame: Frame): Value {
  const { heap } = walk;
  const item = new Value();
  const others = new Value();
  heap.watch(value, (thing) => {
    if (thing.kind === 'list') heap.flow(heap.lookup(thing, String(index)), item);
    else heap.add(others, thing);
  });
  heap.flow(itemsOf(walk, others, frame), item);
  return item;
}

/** Reads calls: who is called, with what, and which callbacks run at once. @module */

import { recordCall, recordChange, recordPass } from './facts.ts';
import { callsBack, isMutator, pureMethods, startFunctions, startMethods } from './known.ts';
import type { Place, Reader } from './read.ts';
import { calleeName, children, exportsName, isFunction, memberName, rootName, unwrap } from './syntax.ts';
import type { Node } from './syntax.ts';

type Call = Extract<Node, { type: 'CallExpression' | 'NewExpression' | 'TaggedTemplateExpression' }>;

/** Reads a call that stands at `place`. */
export function readCall(reader: Reader, node: Call, place: Place): void {
  const isTag = node.type === 'TaggedTemplateExpression';
  const called = isTag ? node.tag : node.callee;
  const args: readonly Node[] = isTag ? node.quasi.expressions : node.arguments;
  const callee = unwrap(called);
  const method = callee?.type === 'MemberExpression' ? memberName(callee) : undefined;

  if (isFunction(callee)) {
    reader.body(
      callee,
      place,
      args.map((arg) => resolvedRoot(arg, place)),
    );
  } else if (callee) {
    readCallee(reader, called, callee, args, place);
  }
  const atOnce = isFunction(callee) || place.awaited || (method !== undefined && callsBack.has(method));
  const receiver = callee?.type === 'MemberExpression' ? resolvedRoot(callee.object, place) : undefined;
  for (const arg of args) readArgument(reader, arg, place, { atOnce, receiver });
  if (callee && !isFunction(callee)) passArguments(reader, called, callee, args, place);
}

function readCallee(reader: Reader, called: Node, callee: Node, args: readonly Node[], place: Place): void {
  const { region, scope } = place;
  const { facts } = reader;
  const name = calleeName(called);
  const binding = name === undefined ? undefined : scope.find(name);
  if (binding) {
    if (binding.region) region.callees.push(binding.region);
    else if (binding.alias !== undefined) recordCall(binding.alias, region, facts);
    else if (binding.maker !== undefined) region.results.push({ root: binding.maker, method: undefined, via: [] });
    return;
  }
  reader.read(called, place);
  if (name !== undefined) {
    recordCall(name, region, facts);
    if (name === 'eval') facts.hasEval = true;
    if (startFunctions.has(name)) region.acts = true;
  } else if (callee.type === 'MemberExpression') {
    const method = memberName(callee);
    const root = rootName(callee.object);
    const resolved = resolvedRoot(callee.object, place);
    region.members.push({ root: resolved, method, via: namesBetween(callee.object) });
    if (method === undefined || !pureMethods.has(method)) reader.change(callee.object, place);
    if (root === 'console' || root === 'process' || (method !== undefined && startMethods.has(method))) {
      region.acts = true;
    }
  } else if (callee.type === 'CallExpression') {
    if (isCurried(callee, args[0])) return;
    const root = resolvedRoot(callee, place);
    region.results.push({ root, method: undefined, via: namesBetween(callee.callee) });
  }
}

/** Whether a call is `threaded({ pool })(fn)`, which makes a wrapper, and not `threaded(fn)(x)`, which calls one. */
function isCurried(callee: Extract<Node, { type: 'CallExpression' }>, given: Node | undefined): boolean {
  const maker = unwrap(callee.callee);
  const isName =
    maker?.type === 'Identifier' || (maker?.type === 'MemberExpression' && maker.object.type === 'Identifier');
  const options = unwrap(callee.arguments[0]);
  if (!isName) return false;
  return options?.type === 'ObjectExpression' || (options?.type === 'Identifier' && isFunction(unwrap(given)));
}

interface Callback {
  /** Whether the function has called its callbacks when it returns. */
  readonly atOnce: boolean;

  /** What its items come from. */
  readonly receiver: string | undefined;
}

function readArgument(reader: Reader, arg: Node, place: Place, { atOnce, receiver }: Callback): void {
  const inner = unwrap(arg);
  if (!atOnce) reader.read(arg, place);
  else if (isFunction(inner)) {
    if (place.now) reader.facts.functions.push([inner.start, inner.end]);
    reader.body(inner, place, [receiver]);
  } else {
    const region = inner?.type === 'Identifier' ? place.scope.find(inner.name)?.region : undefined;
    if (region) place.region.callees.push(region);
    else reader.read(arg, place);
  }
}

/** Records which names go into the call. */
function passArguments(reader: Reader, called: Node, callee: Node, args: readonly Node[], place: Place): void {
  const { region, scope } = place;
  const { facts } = reader;
  const object = callee.type === 'MemberExpression' ? unwrap(callee.object) : undefined;
  const method = callee.type === 'MemberExpression' && !exportsName(callee) ? memberName(callee) : undefined;
  const owner = object?.type === 'Identifier' ? object.name : undefined;
  if (owner === 'console') return;
  const name = calleeName(called);
  const local = name === undefined ? undefined : scope.find(name);
  for (const [index, arg] of args.entries()) {
    const passed = passedName(arg, place);
    if (passed !== undefined) {
      const callee = name !== undefined && !local ? name : method === undefined ? undefined : `.${method}`;
      if (owner !== undefined && isMutator(owner, method)) {
        if (index === 0) recordChange(passed, region, facts);
        else recordPass({ callee: `${owner}.${method}`, index, name: passed }, region, facts);
      } else {
        recordPass({ callee: owner === 'Object' ? `Object.${method}` : callee, index, name: passed }, region, facts);
        if (local?.region) recordChange(passed, region, facts);
      }
    } else {
      for (const inside of namesInside(arg, place)) {
        const callee = name !== undefined && !local ? name : owner === 'Object' ? `Object.${method}` : `.${method}`;
        recordPass({ callee, index: -1, name: inside }, region, facts);
      }
    }
  }
}

function passedName(arg: Node, place: Place): string | undefined {
  const inner = unwrap(arg);
  const isName = inner?.type === 'Identifier' || inner?.type === 'MemberExpression';
  return isName ? resolvedRoot(inner, place) : undefined;
}

/** The names that an object, an array or a choice among values hands on. */
function* namesInside(node: Node, place: Place): Iterable<string> {
  const inner = unwrap(node);
  switch (inner?.type) {
    case 'Identifier':
    case 'MemberExpression': {
      const name = resolvedRoot(inner, place);
      if (name !== undefined) yield name;
      return;
    }
    case 'Property':
      yield* namesInside(inner.value, place);
      return;
    case 'ObjectExpression':
    case 'ArrayExpression':
    case 'SpreadElement':
    case 'ConditionalExpression':
    case 'LogicalExpression':
      for (const child of children(inner)) yield* namesInside(child, place);
      return;
    default:
      return;
  }
}

/** `b` and `c` of `a.b.c`. */
function namesBetween(node: Node): string[] {
  const inner = unwrap(node);
  if (inner?.type === 'CallExpression') return namesBetween(inner.callee);
  if (inner?.type !== 'MemberExpression' || exportsName(inner)) return [];
  const name = memberName(inner);
  return name === undefined ? namesBetween(inner.object) : [...namesBetween(inner.object), name];
}

function resolvedRoot(node: Node, { scope }: Place): string | undefined {
  const root = rootName(node);
  return root === undefined ? undefined : scope.resolve(root);
}

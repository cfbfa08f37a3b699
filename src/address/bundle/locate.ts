/** Finds the module of a bundle that was being evaluated when a function was wrapped. @module */

import { children, isFunction, memberName, parseModule, unwrap } from '../view/syntax.ts';
import type { FunctionNode, Node } from '../view/syntax.ts';
import { textOfFile } from './frames.ts';
import { shapeOf, walk } from './shape.ts';
import type { BundledModule, Shape } from './shape.ts';
import type { BundleFrame, BundleSpec } from './spec.ts';

/** A module of a bundle, and its file. */
export interface Located {
  /** The path or the file URL of the file. */
  readonly file: string;
  readonly shape: Shape;
  readonly module: BundledModule;

  /** How many frames are of code that the module has called; the next one is the module itself. */
  readonly depth: number;
}

const shapes = new Map<string, Shape | undefined>();

/** The shape of the bundle in `file`, given by its path or its URL; read once in each thread. */
export function shapeIn(file: string): Shape | undefined {
  if (!shapes.has(file)) {
    const text = textOfFile(file);
    shapes.set(file, text === undefined ? undefined : shapeOf(text));
  }
  return shapes.get(file);
}

/** The module of the innermost of the frames that is code of a module, and not of a function in it. */
export function locate({ frames }: BundleSpec): Located | undefined {
  for (const [depth, frame] of frames.entries()) {
    const shape = shapeIn(frame.file);
    const module = shape?.modules.find(({ node }) => isIn(node, frame.position));
    if (shape && module && isTopLevel(module.node, frame)) return { file: frame.file, shape, module, depth };
  }
  return undefined;
}

/** Whether the code at `frame` runs as the module `node` is evaluated, and not in a function that stands in it. */
function isTopLevel(node: FunctionNode, { position, inner }: BundleFrame): boolean {
  const around = innermost(node, position) ?? node;
  if (inner === undefined) return around === node || isAsyncBody(node, around);
  const text = evaluated(node, position);
  // A function around the whole text, so that `return` and other things of functions are allowed.
  const program = text === undefined ? undefined : parseModule(text, 'commonjs');
  const within = program && innermost(program, inner);
  return program !== undefined && (within === undefined || isAsyncBody(program, within));
}

/** The innermost function at `position` in `node`, other than `node`. */
function innermost(node: Node, position: number): FunctionNode | undefined {
  let found: FunctionNode | undefined;
  for (let at: Node | undefined = node; at;) {
    at = [...children(at)].find((child) => isIn(child, position));
    if (isFunction(at)) found = at;
  }
  return found;
}

const isIn = ({ start, end }: Node, position: number): boolean => start <= position && position < end;

/** Whether `body` is the function of a module with top-level `await`: `require.a(module, async (…) => { … })`. */
function isAsyncBody(module: Node, body: FunctionNode): boolean {
  if (!body.async) return false;
  for (const node of walk([module])) {
    const call = node.type === 'CallExpression' ? node : undefined;
    const callee = unwrap(call?.callee);
    if (call?.arguments.some((it) => unwrap(it) === body))
      return callee?.type === 'MemberExpression' && memberName(callee) === 'a';
  }
  return false;
}

/** The text that the `eval` at `position` runs. */
function evaluated(node: FunctionNode, position: number): string | undefined {
  for (const call of walk([node])) {
    if (call.type !== 'CallExpression' || !isIn(call, position)) continue;
    if (call.callee.type !== 'Identifier' || call.callee.name !== 'eval') continue;
    const [argument] = call.arguments;
    const given = argument?.type === 'CallExpression' ? argument.arguments[0] : argument;
    if (given?.type === 'Literal' && typeof given.value === 'string') return given.value;
  }
  return undefined;
}

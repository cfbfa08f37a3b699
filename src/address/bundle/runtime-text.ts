/** Takes the start of the program out of a bundle's file: the bundler's runtime and the modules' functions stay. @module */

import { unwrap } from '../view/syntax.ts';
import type { Node } from '../view/syntax.ts';
import { isHarmless, makers, rootOf } from './harmless.ts';
import { importsOf } from './imports.ts';
import type { Imported } from './imports.ts';
import { calledAtOnce, walk } from './shape.ts';
import type { Shape } from './shape.ts';
import { startsOf } from './starts.ts';

/** The text to run, with blanks for what is left out, so that positions stay the same. */
export interface RuntimeText {
  readonly code: string;
  readonly imports: readonly Imported[];

  /** The ids of the modules with which the program starts: they must not run again. */
  readonly starts: readonly string[];
}

/** The parameter of the code by which it hands out the runtime. */
export const takeName = '__offloop_take__';

/** The parameter that stands for `import.meta`, and is as long. */
export const metaName = '__offmeta__';

/** The runtime of the bundle `text` with the given shape. */
export function runtimeText(text: string, shape: Shape): RuntimeText {
  const imports = importsOf(shape.body);
  const edits: Edit[] = [];
  const left: Node[] = [];
  const drop: Drop = (node, by) => {
    edits.push({ start: node.start, end: node.end, by });
    left.push(node);
  };
  // An import may have a shorter name in the file.
  const callable = [...makers, ...imports.flatMap(({ local, name = '' }) => (makers.includes(name) ? local : []))];
  const keeping: Keeping = { shape, callable, drop };
  for (const statement of shape.body) {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : undefined;
    const isLinking = /^(?:Import|Export)/.test(statement.type);
    if (isLinking) edits.push({ start: statement.start, end: declaration?.start ?? statement.end, by: '' });
    if (!isLinking || declaration) keep(declaration ?? statement, keeping);
  }
  const isDropped = (node: Node): boolean => edits.some(({ start, end }) => start <= node.start && node.end <= end);
  for (const node of walk(shape.body)) {
    if (node.type !== 'MetaProperty' || node.meta.name !== 'import' || isDropped(node)) continue;
    edits.push({ start: node.start, end: node.end, by: metaName });
  }
  const code = edited(text, edits);
  return {
    // On a line of its own: a comment may end the file.
    code: `${code.slice(0, shape.end)}\n;${takeName}(${handed(shape)});${code.slice(shape.end)}`,
    imports,
    starts: startsOf(left, shape),
  };
}

/** The arguments by which the code hands out what runs modules. */
function handed({ kind, modules, runtime, chunk }: Shape): string {
  if (kind === 'esbuild') return `{${modules.map(({ id }) => id).join()}}`;
  return `${runtime?.name}, ${runtime?.table}, ${chunk?.table}, ${chunk?.setup}`;
}

type Drop = (node: Node, by: string) => void;

interface Keeping {
  readonly shape: Shape;

  /** The names of functions that only make values. */
  readonly callable: readonly string[];
  readonly drop: Drop;
}

/** Keeps of a statement what only defines things. */
function keep(statement: Node, keeping: Keeping): void {
  const { drop } = keeping;
  if (statement.type === 'FunctionDeclaration' || statement.type === 'EmptyStatement' || 'directive' in statement)
    return;
  if (statement.type === 'VariableDeclaration') {
    for (const { id, init } of statement.declarations) {
      if (init && !isDefinition(init, keeping)) drop(init, id.type === 'Identifier' ? '0' : '[]');
    }
  } else if (statement.type === 'ExpressionStatement') {
    const { expression } = statement;
    const parts = expression.type === 'SequenceExpression' ? expression.expressions : [expression];
    for (const part of parts) if (!isDefinition(part, keeping)) drop(part, '0');
  } else {
    drop(statement, '');
  }
}

/** Whether `node` only defines a part of the runtime, or a module. */
function isDefinition(node: Node, keeping: Keeping): boolean {
  const { shape, callable } = keeping;
  const value = unwrap(node);
  if (!value || isHarmless(node, callable)) return true;
  if (value.type === 'AssignmentExpression') {
    const isOwn =
      value.left.type === 'Identifier' || [shape.runtime?.name, shape.chunk?.root].includes(rootOf(value.left));
    return isOwn && isDefinition(value.right, keeping);
  }
  if (shape.kind === 'esbuild') return isEsbuilds(value, shape);
  const fn = calledAtOnce(value);
  if (fn?.body.type !== 'BlockStatement') return false;
  let isWhole = true;
  for (const statement of fn.body.body) keep(statement, { ...keeping, drop: () => (isWhole = false) });
  return isWhole;
}

/** A module of esbuild, or the list of its exports: `__export(x_exports, { a: () => a })`. */
function isEsbuilds(value: Node, { modules, helpers }: Shape): boolean {
  if (value.type !== 'CallExpression' || value.callee.type !== 'Identifier') return false;
  if (modules.some(({ node }) => value.start <= node.start && node.end <= value.end)) return true;
  const [target, list] = value.arguments;
  return helpers.has(value.callee.name) && target?.type === 'Identifier' && list?.type === 'ObjectExpression';
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly by: string;
}

/** `text` with each edited range replaced; blanks fill the rest of the range, and lines stay. */
function edited(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, by } of edits.toSorted((one, other) => one.start - other.start)) {
    parts.push(text.slice(at, start), by, text.slice(start + by.length, end).replaceAll(/[^\n\r]/g, ' '));
    at = end;
  }
  return parts.join('') + text.slice(at);
}

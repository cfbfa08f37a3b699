/** Writes a program in another way: moves, renames and wraps its statements. @module */

import { parse } from 'acorn';
import type { AnyNode, Pattern, Statement } from 'acorn';

/** How a statement is written anew; `$` is the statement. */
const wrappings = {
  block: '{\n$\n}',
  condition: 'if (globalThis) {\n$\n}',
  'try and catch': 'try {\n$\n} catch (error) {\n  throw error;\n}',
  'try and finally': 'try {\n$\n} finally {\n  globalThis.done = true;\n}',
  'for loop': 'for (const _ of [0]) {\n$\n}',
  'do loop': 'do {\n$\n} while (false);',
  switch: 'switch (0) {\n  default:\n$\n}',
  'called arrow': '(() => {\n$\n})();',
  'function declared and called': 'function step_() {\n$\n}\nstep_();',
  'function kept and called': 'const step_ = () => {\n$\n};\nstep_();',
  method: 'const part_ = {\n  step() {\n$\n  },\n};\npart_.step();',
  'static block': 'class Part_ {\n  static {\n$\n  }\n}',
  callback: '[0].forEach(() => {\n$\n});',
  'own runner': 'const run_ = (fn) => fn();\nrun_(() => {\n$\n});',
  'later callback': 'queueMicrotask(() => {\n$\n});',
} as const;

/** The same for a statement that waits; where it would not be waited for, there is none. */
const waiting: Partial<Record<keyof typeof wrappings, string>> = {
  'called arrow': 'await (async () => {\n$\n})();',
  'function declared and called': 'async function step_() {\n$\n}\nawait step_();',
  'function kept and called': 'const step_ = async () => {\n$\n};\nawait step_();',
  method: 'const part_ = {\n  async step() {\n$\n  },\n};\nawait part_.step();',
  'own runner': 'const run_ = async (fn) => fn();\nawait run_(async () => {\n$\n});',
};
const cannotWait = new Set(['static block', 'callback', 'later callback']);

export const kinds = ['move', 'rename', ...(Object.keys(wrappings) as (keyof typeof wrappings)[])] as const;

export interface Mutation {
  readonly kind: (typeof kinds)[number];

  /** Which of the statements or names it is about, counted round. */
  readonly at: number;

  /** How far a statement is moved. */
  readonly by: number;
}

/** The text of the program after `mutation`; as it was if there is nothing that it could be about. */
export function mutate(text: string, module: boolean, mutation: Mutation): string {
  const program = parse(text, {
    ecmaVersion: 'latest',
    sourceType: module ? 'module' : 'commonjs',
    allowHashBang: true,
  });
  const body = program.body.filter(({ type }) => !type.startsWith('Import')) as Statement[];
  const first = body.findIndex((node) => !('directive' in node));
  const own = body.slice(first);
  if (mutation.kind === 'move') return move(text, own, mutation);
  if (mutation.kind === 'rename') return rename(text, own, mutation);
  const able = own.filter((node) => !/^(?:Export|Function|Class)/.test(node.type));
  const node = able[mutation.at % able.length];
  return node ? wrap(text, node, mutation) : text;
}

function move(text: string, own: Statement[], { at, by }: Mutation): string {
  const from = at % own.length;
  const to = (from + by) % own.length;
  const [node, before] = [own[from], own[to]];
  if (!node || !before || node === before) return text;
  const moved = `\n${text.slice(node.start, node.end)}\n`;
  return to < from
    ? `${text.slice(0, before.start)}${moved}${text.slice(before.start, node.start)}${text.slice(node.end)}`
    : `${text.slice(0, node.start)}${text.slice(node.end, before.end)}${moved}${text.slice(before.end)}`;
}

function wrap(text: string, node: Statement, { kind, at }: Mutation): string {
  const [declared, inner] = node.type === 'VariableDeclaration' ? assignments(text, node) : ['', source(text, node)];
  const waits = waitsAtTop(node);
  const name = kind as keyof typeof wrappings;
  if (waits && cannotWait.has(kind)) return text;
  const template = (waits ? waiting[name] : undefined) ?? wrappings[name];
  // A step has a name of its own, so that a program can be mutated several times.
  const free = freeSuffix(text, at);
  const wrapped = template.replaceAll(/\b(step|part|Part|run)_/g, `$1${free}`).replace('$', () => inner);
  return `${text.slice(0, node.start)}${declared}${wrapped}${text.slice(node.end)}`;
}

function freeSuffix(text: string, from: number): number {
  for (let n = from + 1; ; n += 1) if (!new RegExp(`\\b(?:step|part|Part|run|renamed)${n}\\b`).test(text)) return n;
}

const source = (text: string, { start, end }: { start: number; end: number }): string => text.slice(start, end);

/** A declaration as one without values, and assignments. */
function assignments(text: string, node: Statement & { type: 'VariableDeclaration' }): [string, string] {
  const names = node.declarations.flatMap(({ id }) => namesOf(id));
  const lines = node.declarations
    .filter(({ init }) => init)
    .map(({ id, init }) => {
      const value = `${source(text, id)} = ${init ? source(text, init) : ''}`;
      return id.type === 'ObjectPattern' ? `(${value});` : `;${value};`;
    });
  return [`${node.kind === 'var' ? 'var' : 'let'} ${names.join(', ')};\n`, lines.join('\n')];
}

function namesOf(pattern: Pattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((it) => namesOf(it.type === 'RestElement' ? it.argument : it.value));
    case 'ArrayPattern':
      return pattern.elements.flatMap((it) => (it ? namesOf(it) : []));
    case 'AssignmentPattern':
      return namesOf(pattern.left);
    case 'RestElement':
      return namesOf(pattern.argument);
    case 'MemberExpression':
      return [];
  }
}

/**
 * Gives a name of the program's another one, wherever it stands: what is hidden by it is then hidden by the new one.
 */
function rename(text: string, own: Statement[], { at }: Mutation): string {
  const names = own.flatMap((node) => {
    if (node.type === 'VariableDeclaration') return node.declarations.flatMap(({ id }) => namesOf(id));
    return node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration' ? [node.id.name] : [];
  });
  const name = names[at % names.length];
  // An exported name is used by other modules too, so it stays.
  if (name === undefined || /^(?:export\b|module\.exports|exports\.)/m.test(text)) return text;
  const other = `renamed${freeSuffix(text, at)}`;
  const edits: [start: number, end: number, text: string][] = [];
  for (const node of own) {
    visit(node, undefined, (it, parent) => {
      if (it.type !== 'Identifier' || it.name !== name || isKey(it, parent)) return;
      const short = parent?.type === 'Property' && parent.shorthand;
      if (!edits.some(([start]) => start === it.start))
        edits.push([it.start, it.end, short ? `${name}: ${other}` : other]);
    });
  }
  return edits.toSorted(([a], [b]) => b - a).reduce((all, [s, e, by]) => all.slice(0, s) + by + all.slice(e), text);
}

/** Whether an identifier is what a member is called, and not a variable. */
function isKey(node: AnyNode, parent: AnyNode | undefined): boolean {
  if (parent?.type === 'MemberExpression') return parent.property === node && !parent.computed;
  if (parent?.type === 'Property') return parent.key === node && !parent.computed && !parent.shorthand;
  if (parent?.type === 'MethodDefinition' || parent?.type === 'PropertyDefinition') {
    return parent.key === node && !parent.computed;
  }
  return parent?.type === 'MetaProperty' || /^(?:Labeled|Break|Continue)/.test(parent?.type ?? '');
}

function waitsAtTop(node: AnyNode): boolean {
  let waits = false;
  visit(node, undefined, (it) => {
    if (it.type === 'AwaitExpression' || (it.type === 'ForOfStatement' && it.await)) waits = true;
    return /Function/.test(it.type) ? 'skip' : undefined;
  });
  return waits;
}

function visit(
  node: AnyNode,
  parent: AnyNode | undefined,
  see: (node: AnyNode, parent: AnyNode | undefined) => 'skip' | undefined | void,
): void {
  if (see(node, parent) === 'skip') return;
  for (const value of Object.values(node) as unknown[]) {
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof (child as { type?: unknown } | null)?.type === 'string') visit(child as AnyNode, node, see);
    }
  }
}

/** Writes the view: the module's text, with blanks in place of everything that is left out. @module */

import type { ModuleFormat } from '../address.ts';
import type { Closure } from './closure.ts';
import type { Names } from './names.ts';
import type { Node } from './syntax.ts';
import type { Group, Unit } from './units.ts';
import type { Registering } from './uses.ts';

/** A range to replace by `text`, then blanks. */
interface Blank {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text of the view of `code`. */
export function emit(code: string, format: ModuleFormat, names: Names, closure: Closure): string {
  const { kept, parts, needed } = closure;
  const blanks: Blank[] = [];
  const tail = new Tail(format);
  const groups = new Set<Group>();
  for (const unit of names.units) {
    const pieces = parts.get(unit) ?? [];
    if (unit.group) {
      if (!groups.has(unit.group)) blanks.push(...blankGroup(unit.group, kept));
      groups.add(unit.group);
      for (const { node } of pieces) tail.add(code.slice(node.start, node.end));
    } else if (!kept.has(unit)) blanks.push(...blankAround(unit, pieces));
    if (unit.kind === 'export') keepListed(unit.node, code, { tail, names, kept, needed });
    else if (!kept.has(unit)) for (const name of unit.exported) tail.stub(name);
  }
  return applyBlanks(code, blanks) + tail.text();
}

/** Blanks a unit except for `pieces`, each of which becomes a statement of its own. */
function blankAround({ start, end }: Unit, pieces: readonly Registering[]): Blank[] {
  const blanks: Blank[] = [];
  let from = start;
  for (const { node } of pieces) {
    blanks.push({ start: from, end: node.start, text: ';' });
    from = node.end;
  }
  blanks.push({ start: from, end, text: ';' });
  return blanks;
}

/**
 * Moves the exports of `export { a, b as c }` that are left to the end of the text; the statement itself is always
 * blanked.
 */
function keepListed(
  node: Node,
  code: string,
  { tail, names, kept, needed }: { tail: Tail; names: Names } & Pick<Closure, 'kept' | 'needed'>,
): void {
  if (node.type !== 'ExportNamedDeclaration') return;
  for (const { local, exported } of node.specifiers) {
    const as = code.slice(exported.start, exported.end);
    const name = local.type === 'Identifier' ? local.name : '';
    const isThere = !node.source && needed.has(name) && names.owners.get(name)?.some((unit) => kept.has(unit));
    if (isThere) tail.keep(name, as);
    else tail.stub(as);
  }
}

function blankGroup({ kind, units, start, end }: Group, kept: ReadonlySet<Unit>): Blank[] {
  if (units.every((unit) => kept.has(unit))) return [];
  if (!units.some((unit) => kept.has(unit))) return [{ start, end, text: ';' }];
  const blanks: Blank[] = [];
  let isFirst = true;
  for (const [index, unit] of units.entries()) {
    if (kept.has(unit)) {
      isFirst = false;
      continue;
    }
    const before = units[index - 1];
    const after = units[index + 1];
    // A comma goes along: at the beginning of the list the one after the element, otherwise the one before it.
    if (!isFirst && before) blanks.push({ start: before.end, end: unit.end, text: '' });
    // The rest must not become the beginning of a statement, as in `a(), function () {}()`.
    else if (after)
      blanks.push({ start: unit.start, end: after.start, text: kind === 'sequence' && index === 0 ? '0,' : '' });
  }
  return blanks;
}

function applyBlanks(code: string, blanks: readonly Blank[]): string {
  const parts: string[] = [];
  let position = 0;
  for (const { start, end, text } of blanks) {
    const length = Math.min(text.length, end - start);
    parts.push(code.slice(position, start), text.slice(0, length), blankText(code.slice(start + length, end)));
    position = end;
  }
  parts.push(code.slice(position));
  return parts.join('');
}

/** Blanks `text` but keeps its line breaks. */
function blankText(text: string): string {
  return text.replace(/[^\r\n\u2028\u2029]+/g, ({ length }) => ' '.repeat(length));
}

/** The text that is appended to the view. */
class Tail {
  readonly #format: ModuleFormat;
  readonly #kept: string[] = [];
  readonly #stubs: string[] = [];
  readonly #statements: string[] = [];

  constructor(format: ModuleFormat) {
    this.#format = format;
  }

  keep(name: string, as: string): void {
    this.#kept.push(name === as ? name : `${name} as ${as}`);
  }

  stub(as: string): void {
    this.#stubs.push(as);
  }

  /** Adds a statement that was an element of a sequence or declaration, where it cannot stand alone. */
  add(statement: string): void {
    this.#statements.push(statement);
  }

  text(): string {
    const stubs = [...new Set(this.#stubs)];
    const statements = this.#statements.map((statement) => `${statement};`);
    if (this.#kept.length + stubs.length === 0) return ['', ...statements].join('\n;');
    const parts = stubs.length > 0 ? [...statements, stubFunction] : statements;
    if (this.#format === 'commonjs') {
      for (const as of stubs) parts.push(`${commonTarget(as)} = __offloop_stub(${JSON.stringify(as)});`);
    } else {
      const lists = [...this.#kept];
      for (const [index, as] of stubs.entries()) {
        const name = /^['"]/.test(as) ? as : JSON.stringify(as);
        parts.push(`const __offloop_stub_${index} = __offloop_stub(${name});`);
        lists.push(`__offloop_stub_${index} as ${as}`);
      }
      parts.push(`export { ${lists.join(', ')} };`);
    }
    return `\n;${parts.join(' ')}`;
  }
}

function commonTarget(name: string): string {
  return name === 'module.exports' ? name : `module.exports[${JSON.stringify(name)}]`;
}

/** The function that makes a stub for an export that is left out: it can be imported, but any use of it throws. */
const stubFunction = `function __offloop_stub(name) {
  const fail = () => {
    const error = new Error('Cannot use the export ' + name + " of the program's entry module in a worker thread: " +
      'it exists only in the main thread. Move it to a module of its own');
    throw Object.assign(error, { code: 'ERR_OFFLOOP_CAPTURE' });
  };
  const get = (target, key) =>
    key === 'then' || key === '__esModule' || key === Symbol.toStringTag ? undefined : fail();
  const traps = ['has', 'set', 'apply', 'construct', 'ownKeys', 'deleteProperty', 'defineProperty'];
  return new Proxy(function () {}, { get, ...Object.fromEntries(traps.map((trap) => [trap, fail])) });
}`.replace(/\n\s*/g, ' ');

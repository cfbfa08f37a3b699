/** Cuts a module into the pieces that stay or go as a whole. @module */

import type { AssignmentExpression, Program, Statement, VariableDeclaration } from 'acorn';
import type { Facts } from './facts.ts';
import { readUnit } from './read.ts';
import { varNames } from './scope.ts';
import {
  calleeName,
  exportsName,
  isFunction,
  keyName,
  patternNames,
  requiredModule,
  rootName,
  unwrap,
} from './syntax.ts';
import type { FunctionNode, Node } from './syntax.ts';

/** A statement at the top level, one declarator, one element of a sequence, or one property of what is exported. */
export interface Unit {
  readonly kind: 'import' | 'declaration' | 'statement' | 'export' | 'default' | 'directive' | 'property';
  readonly node: Node;
  readonly start: number;
  readonly end: number;

  /** What it declares at the top level. */
  readonly names: readonly string[];

  /** The names under which other modules see it. */
  readonly exported: readonly string[];

  /** What it gives to its name: an initialiser, the right side of an assignment, a function, a class. */
  readonly value: Node | undefined;

  /** What it assigns to: a name, or the root of a member. */
  readonly target: string | undefined;

  /** The module that it imports. */
  readonly source: string | undefined;
  readonly group: Group | undefined;
  readonly facts: Facts;
}

/** A statement that is cut into several units. */
export interface Group {
  readonly kind: 'declarators' | 'sequence' | 'properties';
  readonly start: number;
  readonly end: number;
  readonly units: Unit[];
}

/** The units of a module, in order. */
export function unitsOf(program: Program): Unit[] {
  const cutter = new Cutter();
  for (const statement of moduleBody(program)) cutter.cut(statement);
  return cutter.units;
}

/** The statements of a module; of its function if all of it is wrapped in one (CommonJS as tsx writes it). */
function moduleBody(program: Program): readonly Node[] {
  let body: readonly Node[] = program.body;
  for (;;) {
    const rest = body.filter((node) => !isFrame(node));
    const [only] = rest;
    const inner = rest.length === 1 && only ? wrappedBody(only) : undefined;
    if (!inner) return body;
    body = [...body.filter(isFrame), ...inner];
  }
}

/** What may stand around the function that wraps a module. */
function isFrame(node: Node): boolean {
  if (node.type === 'ImportDeclaration' || node.type === 'EmptyStatement') return true;
  if (node.type === 'VariableDeclaration') return node.declarations.every(({ init }) => requiredModule(init));
  if (node.type !== 'ExpressionStatement') return false;
  const { expression } = node;
  // __filename = '…'; as tsx writes it.
  return (
    node.directive !== undefined || (expression.type === 'AssignmentExpression' && expression.right.type === 'Literal')
  );
}

function wrappedBody(node: Node): readonly Statement[] | undefined {
  if (node.type !== 'ExpressionStatement') return undefined;
  let inner = unwrap(node.expression);
  if (inner?.type === 'UnaryExpression' || inner?.type === 'AwaitExpression') inner = unwrap(inner.argument);
  const callee = inner?.type === 'CallExpression' ? unwrap(inner.callee) : undefined;
  return isFunction(callee) && callee.body.type === 'BlockStatement' ? callee.body.body : undefined;
}

type Draft = Partial<Omit<Unit, 'facts'>> & Pick<Unit, 'kind' | 'node'>;

class Cutter {
  readonly units: Unit[] = [];

  cut(statement: Node): void {
    switch (statement.type) {
      case 'ImportDeclaration':
        this.#add({
          kind: 'import',
          node: statement,
          names: statement.specifiers.map(({ local }) => local.name),
          source: String(statement.source.value),
        });
        return;
      case 'ExportNamedDeclaration':
        if (statement.declaration) this.#declaration(statement.declaration, statement);
        else this.#add({ kind: 'export', node: statement });
        return;
      case 'ExportAllDeclaration':
        this.#add({ kind: 'export', node: statement });
        return;
      case 'ExportDefaultDeclaration': {
        const { declaration } = statement;
        const id = 'id' in declaration && declaration.type.endsWith('Declaration') ? declaration.id : undefined;
        const names = id ? [id.name] : [];
        this.#add({ kind: 'default', node: statement, names, exported: ['default'], value: declaration });
        return;
      }
      case 'VariableDeclaration':
      case 'FunctionDeclaration':
      case 'ClassDeclaration':
        this.#declaration(statement);
        return;
      case 'ExpressionStatement':
        this.#expression(statement.expression, statement, statement.directive !== undefined);
        return;
      case 'EmptyStatement':
        return;
      default:
        this.#add({
          kind: 'statement',
          node: statement,
          names: [...varNames(statement), ...blockFunctions(statement)],
        });
    }
  }

  #declaration(node: Node, whole: Node = node): void {
    const isExported = whole !== node;
    if (node.type === 'VariableDeclaration') this.#declarators(node, whole);
    else if ((node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') && node.id) {
      const names = [node.id.name];
      this.#add({ kind: 'declaration', node: whole, names, exported: isExported ? names : [], value: node });
    }
  }

  #declarators({ declarations }: VariableDeclaration, whole: Node): void {
    const group: Group = { kind: 'declarators', start: whole.start, end: whole.end, units: [] };
    for (const node of declarations) {
      const names = patternNames(node.id);
      const source = requiredModule(node.init);
      this.#add({
        kind: source === undefined ? 'declaration' : 'import',
        node,
        names,
        exported: whole.type === 'ExportNamedDeclaration' ? names : [],
        value: node.init ?? undefined,
        source,
        group,
      });
    }
  }

  #expression(expression: Node, statement: Node, isDirective: boolean): void {
    const inner = expression;
    if (isDirective) this.#add({ kind: 'directive', node: statement });
    else if (inner.type === 'SequenceExpression') {
      const group: Group = { kind: 'sequence', start: statement.start, end: statement.end, units: [] };
      for (const element of inner.expressions) this.#add({ ...this.#effect(element), group });
    } else if (!this.#exportedObject(inner, statement)) {
      this.#add({ ...this.#effect(inner), start: statement.start, end: statement.end });
    }
  }

  #effect(expression: Node): Draft {
    const inner = unwrap(expression);
    const assignment = inner?.type === 'AssignmentExpression' ? inner : undefined;
    const target = assignment && rootName(assignment.left);
    const name = assignment && assignedName(assignment);
    return {
      kind: 'statement',
      node: expression,
      value: assignment && name === target ? lastAssigned(assignment) : undefined,
      exported:
        name !== undefined && name.startsWith('exports.')
          ? [name.slice('exports.'.length)]
          : name === 'module.exports'
            ? [name]
            : [],
      target,
      source: requiredModule(expression),
    };
  }

  /** `module.exports = { a, b }`, and `__export(object, { a: () => a })` as bundlers write it: one unit a property. */
  #exportedObject(expression: Node, statement: Node): boolean {
    const object = exportedObject(expression);
    if (!object) return false;
    const group: Group = { kind: 'properties', start: statement.start, end: statement.end, units: [] };
    const inner = unwrap(expression);
    const shell = inner?.type === 'CallExpression' ? [calleeName(inner.callee), rootName(inner.arguments[0])] : [];
    for (const property of object.properties) {
      const name = property.type === 'Property' ? keyName(property) : undefined;
      const value = property.type === 'Property' ? property.value : property.argument;
      const target = name === undefined ? 'module.exports' : `exports.${name}`;
      const getter = shell.length > 0 ? unwrap(value) : undefined;
      const { facts } = this.#add({
        kind: 'property',
        node: property,
        exported: name === undefined ? [] : [name],
        value: getter?.type === 'ArrowFunctionExpression' ? getter.body : value,
        target,
        group,
      });
      facts.now.writes.push(target);
      for (const used of shell) if (used !== undefined) facts.uses.add(used);
    }
    return true;
  }

  #add({ kind, node, ...draft }: Draft): Unit {
    const { start = node.start, end = node.end, names = [], exported = [], value, target, source, group } = draft;
    const facts = readUnit(node, ownFunction(value));
    const unit: Unit = { kind, node, start, end, names, exported, value, target, source, group, facts };
    group?.units.push(unit);
    this.units.push(unit);
    return unit;
  }
}

function ownFunction(value: Node | undefined): FunctionNode | undefined {
  const inner = unwrap(value);
  return isFunction(inner) ? inner : undefined;
}

/** The name that is assigned to, if it is one: `a = …`, `exports.a = …`, `exports = module.exports = …`. */
function assignedName({ left, right }: AssignmentExpression): string | undefined {
  const next = unwrap(right);
  const name = calleeName(left);
  const further = next?.type === 'AssignmentExpression' ? assignedName(next) : undefined;
  return further?.startsWith('exports.') || further === 'module.exports' ? further : name;
}

function lastAssigned({ right }: AssignmentExpression): Node {
  const next = unwrap(right);
  return next?.type === 'AssignmentExpression' ? lastAssigned(next) : right;
}

function exportedObject(expression: Node): Extract<Node, { type: 'ObjectExpression' }> | undefined {
  const inner = unwrap(expression);
  let object: Node | undefined;
  if (inner?.type === 'AssignmentExpression' && exportsName(inner.left) === 'module.exports') {
    object = unwrap(inner.right);
  } else if (inner?.type === 'CallExpression' && calleeName(inner.callee) === '__export') {
    object = unwrap(inner.arguments[1]);
  }
  return object?.type === 'ObjectExpression' && object.properties.length > 0 ? object : undefined;
}

/** In sloppy mode a function of a block is a `var` as well. */
function blockFunctions(node: Node): string[] {
  if (node.type === 'BlockStatement') return node.body.flatMap(blockFunction);
  if (node.type === 'IfStatement')
    return [node.consequent, node.alternate].flatMap((it) => (it ? blockFunctions(it) : []));
  return [];
}

const blockFunction = (node: Node): string[] => (node.type === 'FunctionDeclaration' && node.id ? [node.id.name] : []);

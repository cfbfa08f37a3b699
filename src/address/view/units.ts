/** Cuts a module into units, each of which is kept or left out as a whole. @module */

import type { AssignmentExpression, Program, TryStatement, VariableDeclaration } from 'acorn';
import { disposes, moduleBody } from './shell.ts';
import { varNames } from './vars.ts';
import { calleeName, exportsName, keyName, patternNames, requiredModule, rootName, unwrap } from './syntax.ts';
import type { Node } from './syntax.ts';

/**
 * A top-level statement, a declarator, an element of a sequence, or a property of the exported object. A `shell` is
 * code around all statements, and is left out.
 */
export interface Unit {
  readonly kind: 'import' | 'declaration' | 'statement' | 'export' | 'default' | 'directive' | 'property' | 'shell';
  readonly node: Node;
  readonly start: number;
  readonly end: number;

  /** The names that the unit declares at the top level. */
  readonly names: readonly string[];

  /** The names under which the unit exports something. */
  readonly exported: readonly string[];

  /**
   * The value that the unit gives to its name: an initialiser, the right side of an assignment, a function, a class.
   */
  readonly value: Node | undefined;

  /** The name that the unit assigns to, or the root of the member that it assigns to. */
  readonly target: string | undefined;

  /** The module that the unit imports. */
  readonly source: string | undefined;
  readonly group: Group | undefined;

  /** Whether the unit is an expression whose value is not used. */
  readonly isExpression: boolean;
}

/** A statement that is cut into several units. */
export interface Group {
  readonly kind: 'declarators' | 'sequence' | 'properties';
  readonly start: number;
  readonly end: number;
  readonly units: Unit[];

  /** The call that receives the properties, if these are not assigned to `module.exports`. */
  readonly shell?: Extract<Node, { type: 'CallExpression' }> | undefined;
}

/** The units of a module, in order. */
export function unitsOf(program: Program): Unit[] {
  const cutter = new Cutter();
  for (const statement of moduleBody(program)) cutter.cut(statement);
  return cutter.units;
}

type Draft = Partial<Unit> & Pick<Unit, 'kind' | 'node'>;

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
      case 'TryStatement':
        if (disposes(statement)) return this.#inShell(statement);
        return this.#other(statement);
      default:
        this.#other(statement);
    }
  }

  #other(statement: Node): void {
    this.#add({
      kind: 'statement',
      node: statement,
      names: [...varNames(statement), ...blockFunctions(statement)],
    });
  }

  /** Cuts the `try` around all following statements that a compiler makes of a top-level `using`. */
  #inShell({ start, end, block, finalizer, handler }: TryStatement): void {
    const names = [handler, finalizer].flatMap((part) => (part ? varNames(part) : []));
    this.#add({ kind: 'shell', node: { ...block, body: [] }, start, end: block.start + 1 });
    for (const statement of block.body) this.cut(statement);
    this.#add({ kind: 'shell', node: finalizer ?? block, start: block.end - 1, end, names });
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
      isExpression: true,
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

  /**
   * Cuts `module.exports = { a, b }`, and `__export(object, { a: () => a })` of bundlers, into one unit for each
   * property.
   */
  #exportedObject(expression: Node, statement: Node): boolean {
    const object = exportedObject(expression);
    if (!object) return false;
    const inner = unwrap(expression);
    const shell = inner?.type === 'CallExpression' ? inner : undefined;
    const { start, end } = statement;
    const group: Group = { kind: 'properties', start, end, units: [], shell };
    for (const property of object.properties) {
      const name = property.type === 'Property' ? keyName(property) : undefined;
      const value = property.type === 'Property' ? property.value : property.argument;
      const getter = shell ? unwrap(value) : undefined;
      this.#add({
        kind: 'property',
        node: property,
        exported: name === undefined ? [] : [name],
        value: getter?.type === 'ArrowFunctionExpression' ? getter.body : value,
        target: name === undefined ? 'module.exports' : `exports.${name}`,
        group,
      });
    }
    return true;
  }

  #add({ kind, node, ...draft }: Draft): void {
    const { start = node.start, end = node.end, names = [], exported = [], value, target, source, group } = draft;
    const { isExpression = false } = draft;
    const unit: Unit = { kind, node, start, end, names, exported, value, target, source, group, isExpression };
    group?.units.push(unit);
    this.units.push(unit);
  }
}

/** The name that is assigned to, if any: `a = …`, `exports.a = …`, `exports = module.exports = …`. */
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

/** The functions declared in blocks: in sloppy mode each is a `var` too. */
function blockFunctions(node: Node): string[] {
  if (node.type === 'BlockStatement') return node.body.flatMap(blockFunction);
  if (node.type === 'IfStatement')
    return [node.consequent, node.alternate].flatMap((it) => (it ? blockFunctions(it) : []));
  return [];
}

const blockFunction = (node: Node): string[] => (node.type === 'FunctionDeclaration' && node.id ? [node.id.name] : []);

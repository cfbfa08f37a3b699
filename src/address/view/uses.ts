/** Finds the top-level names that a piece of code uses, as far as its text shows. @module */

import { children, exportsName, isClass, isFunction, memberName, patternNames, unwrap } from './syntax.ts';
import type { Node } from './syntax.ts';
import { varNames } from './vars.ts';

/** The names, functions and calls in the text of a piece of code. */
export interface Uses {
  /** Every free variable of the code. */
  readonly names: Set<string>;

  /**
   * Names of functions that only the main thread calls: their variables have to exist, but not what the functions need.
   */
  readonly shallow: Set<string>;

  /** The functions in the code. */
  readonly functions: Node[];

  /** The calls in the code that may register something with the library. */
  readonly registrations: Registering[];

  /** The names of properties in the code that have a getter or setter. */
  readonly accessors: string[];
  hasEval: boolean;
}

type CallNode = Extract<Node, { type: 'CallExpression' }>;

/** A call that registers. */
export interface Registering {
  readonly node: Node;

  /** The free variables of the call, if none of them is declared by code around it; else `undefined`. */
  readonly names: ReadonlySet<string> | undefined;
}

/** Tells kinds of calls apart. */
export interface Callees {
  /** Whether only the main thread calls the functions passed to `callee`. */
  isMainOnly(callee: Node): boolean;
  registers(call: CallNode): boolean;
}

/** Collects the uses in `node`. */
export function usesOf(node: Node, callees: Callees): Uses {
  const reader = new Reader(callees);
  reader.read(node, undefined);
  return reader.uses;
}

/** The names that a function or a block declares. */
interface Local {
  readonly names: ReadonlySet<string>;
  readonly outer: Local | undefined;
}

class Reader {
  readonly uses: Uses = {
    names: new Set(),
    shallow: new Set(),
    functions: [],
    registrations: [],
    accessors: [],
    hasEval: false,
  };
  readonly #callees: Callees;

  constructor(callees: Callees) {
    this.#callees = callees;
  }

  read(node: Node | null | undefined, local: Local | undefined): void {
    switch (node?.type) {
      case undefined:
      case 'Literal':
      case 'MetaProperty':
      case 'BreakStatement':
      case 'ContinueStatement':
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
        return;
      case 'Identifier':
        return this.#name(node.name, local);
      case 'MemberExpression': {
        const exported = exportsName(node);
        if (exported !== undefined && !isLocal(exported.startsWith('exports.') ? 'exports' : 'module', local)) {
          this.uses.names.add(exported);
          return;
        }
        if (/^(?:i|asyncI)terator$/.test(memberName(node) ?? '')) this.uses.accessors.push('@@iterator');
        this.read(node.object, local);
        if (node.computed) this.read(node.property, local);
        return;
      }
      case 'Property':
      case 'MethodDefinition':
      case 'PropertyDefinition':
        if ('kind' in node && (node.kind === 'get' || node.kind === 'set')) this.#accessor(node);
        if (node.computed) this.read(node.key, local);
        return this.read(node.value, local);
      case 'LabeledStatement':
        return this.read(node.body, local);
      case 'ExportNamedDeclaration':
        if (node.declaration) this.read(node.declaration, local);
        else if (!node.source) for (const { local: name } of node.specifiers) this.read(name, local);
        return;
      case 'WithStatement':
        // As with eval, the variables that a name means are known only when the statement runs.
        this.uses.hasEval = true;
        return this.#children(node, local);
      case 'AssignmentExpression':
        if (node.operator !== '=' || exportsName(node.left) === undefined) return this.#children(node, local);
        return this.read(node.right, local);
      case 'CallExpression':
        return this.#call(node, local);
      default:
        if (node) this.#scoped(node, local);
    }
  }

  #name(name: string, local: Local | undefined): void {
    if (!isLocal(name, local)) this.uses.names.add(name);
  }

  #accessor({ key }: Extract<Node, { type: 'Property' | 'MethodDefinition' }>): void {
    if (key.type === 'Identifier' || key.type === 'PrivateIdentifier') this.uses.accessors.push(key.name);
    else if (key.type === 'Literal') this.uses.accessors.push(String(key.value));
  }

  #call(node: CallNode, local: Local | undefined): void {
    const callee = unwrap(node.callee);
    if (callee?.type === 'Identifier' && callee.name === 'eval' && !isLocal('eval', local)) this.uses.hasEval = true;
    if (callee && this.#callees.registers(node)) this.uses.registrations.push({ node, names: namesAlone(node, local) });
    if (!callee || !this.#callees.isMainOnly(callee)) return this.#children(node, local);
    this.read(node.callee, local);
    for (const arg of node.arguments) {
      const given = unwrap(arg);
      if (given?.type === 'Identifier' && !isLocal(given.name, local)) this.uses.shallow.add(given.name);
      else if (!isFunction(given)) this.read(arg, local);
    }
  }

  /** Reads a node that may declare names. */
  #scoped(node: Node, local: Local | undefined): void {
    if (isFunction(node)) {
      this.uses.functions.push(node);
      const names = new Set(node.params.flatMap((param) => patternNames(param)));
      if (node.type !== 'ArrowFunctionExpression') names.add('arguments');
      if (node.type === 'FunctionExpression' && node.id) names.add(node.id.name);
      if (node.body.type === 'BlockStatement') {
        for (const name of [...varNames(node.body), ...blockNames(node.body.body)]) names.add(name);
      }
      const inner = { names, outer: local };
      for (const param of node.params) this.read(param, inner);
      this.read(node.body, inner);
      return;
    }
    if (isClass(node)) {
      const inner = node.id ? { names: new Set([node.id.name]), outer: local } : local;
      this.read(node.superClass, inner);
      for (const member of node.body.body) this.read(member, inner);
      return;
    }
    const names = declaredIn(node);
    this.#children(node, names.length > 0 ? { names: new Set(names), outer: local } : local);
  }

  #children(node: Node, local: Local | undefined): void {
    for (const child of children(node)) this.read(child, local);
  }
}

const nobody: Callees = { isMainOnly: () => false, registers: () => false };

function namesAlone(node: Node, local: Local | undefined): ReadonlySet<string> | undefined {
  const { names } = usesOf(node, nobody);
  for (const name of names) if (isLocal(name, local)) return undefined;
  return names;
}

function isLocal(name: string, local: Local | undefined): boolean {
  for (let scope = local; scope; scope = scope.outer) if (scope.names.has(name)) return true;
  return false;
}

/** The names that a block, a loop or the like declares. */
function declaredIn(node: Node): string[] {
  switch (node.type) {
    case 'BlockStatement':
      return blockNames(node.body);
    case 'StaticBlock':
      return [...blockNames(node.body), ...node.body.flatMap((statement) => varNames(statement))];
    case 'SwitchStatement':
      return node.cases.flatMap(({ consequent }) => blockNames(consequent));
    case 'CatchClause':
      return patternNames(node.param);
    case 'ForStatement':
      return node.init ? blockNames([node.init]) : [];
    case 'ForInStatement':
    case 'ForOfStatement':
      return blockNames([node.left]);
    default:
      return [];
  }
}

function blockNames(statements: readonly Node[]): string[] {
  return statements.flatMap((statement) => {
    if (statement.type === 'VariableDeclaration') {
      return statement.kind === 'var' ? [] : statement.declarations.flatMap(({ id }) => patternNames(id));
    }
    const isNamed = statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration';
    return isNamed && statement.id ? [statement.id.name] : [];
  });
}

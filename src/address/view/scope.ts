/** Which declaration a name means. @module */

import type { Expression, Statement, ModuleDeclaration } from 'acorn';
import type { Region } from './facts.ts';
import { newRegion } from './facts.ts';
import { children, isClass, isFunction, patternNames, unwrap } from './syntax.ts';
import type { Node } from './syntax.ts';

/** A name that is declared below the top level. */
export interface Binding {
  /** What it stands for: a name of the top level, or a parameter of the unit's function (see `parameter`). */
  alias?: string;

  /** The code of the function that it names. */
  region?: Region;

  /** The function whose call made its value. */
  maker?: string;
}

/** Names, and the scope around them. */
export class Scope {
  readonly #names = new Map<string, Binding>();
  readonly #outer: Scope | undefined;

  constructor(outer: Scope | undefined, names: Iterable<string> = []) {
    this.#outer = outer;
    for (const name of names) this.declare(name);
  }

  declare(name: string): Binding {
    const known = this.#names.get(name);
    if (known) return known;
    const binding: Binding = {};
    this.#names.set(name, binding);
    return binding;
  }

  /** `undefined` if the name belongs to the top level, or to the global object. */
  find(name: string): Binding | undefined {
    return this.#names.get(name) ?? this.#outer?.find(name);
  }

  /** The name that is affected if what `name` holds is changed: that of the top level, or of a followed parameter. */
  resolve(name: string): string | undefined {
    const binding = this.find(name);
    return binding ? binding.alias : name;
  }

  /** Declares what `statements` declare for their own block. */
  declareBlock(statements: readonly Node[]): this {
    for (const statement of statements) {
      if (statement.type === 'VariableDeclaration') {
        if (statement.kind !== 'var') declareVariables(statement, this);
      } else if (statement.type === 'FunctionDeclaration' && statement.id) {
        this.declare(statement.id.name).region ??= newRegion();
      } else if (isClass(statement) && statement.id) this.declare(statement.id.name);
    }
    return this;
  }

  /** Declares the `var`s anywhere below `node` that belong to the function around it. */
  declareVars(node: Node): this {
    eachVar(node, (declaration) => declareVariables(declaration, this));
    return this;
  }
}

/** The names of the `var`s below `node`, functions aside. */
export function varNames(node: Node): string[] {
  const names: string[] = [];
  eachVar(node, ({ declarations }) => {
    for (const { id } of declarations) patternNames(id, names);
  });
  return names;
}

type Declaration = Extract<Node, { type: 'VariableDeclaration' }>;

function declareVariables({ declarations }: Declaration, scope: Scope): void {
  for (const { id, init } of declarations) {
    for (const name of patternNames(id)) {
      const binding = scope.declare(name);
      if (isFunction(unwrap(init))) binding.region ??= newRegion();
    }
  }
}

function eachVar(node: Node, visit: (declaration: Declaration) => void): void {
  if (isFunction(node) || isClass(node) || isExpression(node)) return;
  if (node.type === 'VariableDeclaration' && node.kind === 'var') visit(node);
  for (const child of children(node)) eachVar(child, visit);
}

// Statements never stand below expressions, but in functions and classes.
function isExpression(node: Node): node is Expression & Exclude<Node, Statement | ModuleDeclaration> {
  return node.type.endsWith('Expression') || node.type === 'Identifier' || node.type === 'VariableDeclarator';
}

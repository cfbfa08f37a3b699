/** Reads the syntax of one unit and records what it uses and does. @module */

import { newFacts, newRegion, parameter, recordChange } from './facts.ts';
import type { Facts, Region } from './facts.ts';
import { readCall } from './read-call.ts';
import { readClass } from './read-class.ts';
import { readAssignment, readDeclarator, readEach, readPattern, readTarget } from './read-pattern.ts';
import { Scope } from './scope.ts';
import { children, exportsName, isFunction, keyName, memberName, patternNames, rootName, unwrap } from './syntax.ts';
import type { FunctionNode, Node } from './syntax.ts';

/** Where in the unit the reader is. */
export interface Place {
  readonly scope: Scope;
  readonly region: Region;

  /** Whether this runs when the unit is evaluated. */
  readonly now: boolean;

  /** Whether the result is awaited, so that callbacks have run when it is there. */
  readonly awaited: boolean;
}

/** The facts of a unit; `own` is the function that the unit's name stands for, if it is one. */
export function readUnit(node: Node, own: FunctionNode | undefined): Facts {
  const reader = new Reader(own);
  reader.read(node, { scope: new Scope(undefined), region: reader.facts.now, now: true, awaited: false });
  return reader.facts;
}

/** Fills the facts of one unit. */
export class Reader {
  readonly facts: Facts = newFacts();
  readonly #own: FunctionNode | undefined;

  constructor(own: FunctionNode | undefined) {
    this.#own = own;
  }

  /** Reads `node`, which stands at `place`. */
  read(node: Node | null | undefined, place: Place): void {
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
        return this.use(node.name, place);
      case 'MemberExpression':
        return this.#member(node, place);
      case 'Property':
        if (node.computed) this.read(node.key, place);
        return this.value(keyName(node), node.value, place);
      case 'ClassDeclaration':
      case 'ClassExpression':
        return readClass(this, node, place);
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return this.#function(node, place);
      case 'VariableDeclarator':
        return readDeclarator(this, node, place);
      case 'AssignmentExpression':
        return readAssignment(this, node, place);
      case 'UpdateExpression':
        return readTarget(this, node.argument, place);
      case 'UnaryExpression':
        return node.operator === 'delete' ? readTarget(this, node.argument, place) : this.read(node.argument, place);
      case 'AwaitExpression':
        return this.read(node.argument, { ...place, awaited: true });
      case 'CallExpression':
      case 'NewExpression':
      case 'TaggedTemplateExpression':
        return readCall(this, node, place);
      case 'LabeledStatement':
        return this.read(node.body, place);
      case 'ExportNamedDeclaration':
        if (node.declaration) this.read(node.declaration, place);
        else if (!node.source) for (const { local } of node.specifiers) this.read(local, place);
        return;
      case 'WithStatement':
        // Which names it means is known only when it runs, as with eval.
        this.facts.hasEval = true;
        return this.all(children(node), place);
      default:
        if (node) this.#statement(node, place);
    }
  }

  /** Reads several nodes that stand at the same place. */
  all(nodes: Iterable<Node | null>, place: Place): void {
    for (const node of nodes) this.read(node, place);
  }

  /** Records that `name` is read. */
  use(name: string, { scope, now }: Place): void {
    const binding = scope.find(name);
    if (binding) {
      // A local function that is not called but handed on may be called by whoever has it.
      if (binding.region) this.facts.stored.callees.push(binding.region);
      return;
    }
    this.facts.uses.add(name);
    if (now) this.facts.usesNow.add(name);
  }

  /** Reads a value that is kept under a name: a function there is a method. */
  value(name: string | undefined, value: Node | null | undefined, place: Place): void {
    const inner = unwrap(value);
    if (name === undefined || !isFunction(inner) || inner === this.#own) return this.read(value, place);
    if (place.now) this.facts.functions.push([inner.start, inner.end]);
    this.body(inner, { ...place, region: this.method(name), now: false });
  }

  /** The region of the methods called `name`. */
  method(name: string): Region {
    const { methods } = this.facts;
    let region = methods.get(name);
    if (!region) methods.set(name, (region = newRegion()));
    return region;
  }

  /**
   * Reads the parameters and the body of a function.
   *
   * @param aliases What the parameters stand for, see `Binding`.
   */
  body(node: FunctionNode, place: Place, aliases: readonly (string | undefined)[] = []): void {
    const outer = node.type === 'FunctionExpression' && node.id ? new Scope(place.scope) : place.scope;
    if (outer !== place.scope && node.id) outer.declare(node.id.name).region = place.region;
    const scope = new Scope(outer, node.type === 'ArrowFunctionExpression' ? [] : ['arguments']);
    for (const [index, param] of node.params.entries()) {
      for (const name of patternNames(param)) {
        const alias = aliases[index];
        const binding = scope.declare(name);
        if (alias !== undefined) binding.alias = alias;
      }
    }
    const inner = { ...place, scope, awaited: false };
    for (const param of node.params) readPattern(this, param, inner);
    if (node.body.type !== 'BlockStatement') return this.read(node.body, inner);
    scope.declareVars(node.body).declareBlock(node.body.body);
    this.all(node.body.body, inner);
  }

  /** Records that what `node` gives is changed. */
  change(node: Node, { scope, region }: Place): void {
    const root = rootName(node);
    const name = root === undefined ? undefined : scope.resolve(root);
    if (name !== undefined) recordChange(name, region, this.facts);
  }

  #member(node: Extract<Node, { type: 'MemberExpression' }>, place: Place): void {
    const exported = exportsName(node);
    if (exported !== undefined) return this.use(exported, place);
    const { object } = node;
    const name = memberName(node);
    if (place.now && object.type === 'Identifier' && name !== undefined && !place.scope.find(object.name)) {
      this.facts.membersNow.add(`${object.name}.${name}`);
    }
    this.read(object, place);
    if (node.computed) this.read(node.property, place);
  }

  #function(node: FunctionNode, place: Place): void {
    const { facts } = this;
    if (node === this.#own) {
      const aliases = node.params.map((_, index) => parameter(index));
      if (place.now) facts.functions.push([node.start, node.end]);
      return this.body(node, { ...place, region: facts.body, now: false }, aliases);
    }
    if (place.now) facts.functions.push([node.start, node.end]);
    const named = node.type === 'FunctionDeclaration' && node.id ? place.scope.find(node.id.name)?.region : undefined;
    this.body(node, { ...place, region: named ?? facts.stored, now: false });
  }

  #statement(node: Node, place: Place): void {
    switch (node.type) {
      case 'BlockStatement':
        return this.all(node.body, { ...place, scope: new Scope(place.scope).declareBlock(node.body) });
      case 'StaticBlock': {
        const scope = new Scope(place.scope);
        for (const statement of node.body) scope.declareVars(statement);
        return this.all(node.body, { ...place, scope: scope.declareBlock(node.body) });
      }
      case 'SwitchStatement': {
        const scope = new Scope(place.scope);
        for (const { consequent } of node.cases) scope.declareBlock(consequent);
        this.read(node.discriminant, place);
        return this.all(node.cases, { ...place, scope });
      }
      case 'CatchClause': {
        const scope = new Scope(place.scope, patternNames(node.param));
        if (node.param) readPattern(this, node.param, { ...place, scope });
        return this.read(node.body, { ...place, scope });
      }
      case 'ForStatement': {
        const scope = new Scope(place.scope).declareBlock(node.init ? [node.init] : []);
        return this.all(children(node), { ...place, scope });
      }
      case 'ForInStatement':
      case 'ForOfStatement':
        return readEach(this, node, place);
      default:
        return this.all(children(node), place);
    }
  }
}

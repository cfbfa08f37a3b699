/** Finds what registers functions (the roots), and what calls a wrapper when it is evaluated. @module */

import type { CallGraph } from './call-graph.ts';
import type { MemberCall, Pass, Region } from './facts.ts';
import { Holdings, quiet, reads } from './holdings.ts';
import { containers, isHelper, keeperMethods } from './known.ts';
import type { Names } from './names.ts';
import { calleeName, isFunction, unwrap } from './syntax.ts';
import type { Node } from './syntax.ts';
import type { Unit } from './units.ts';

/** What the main thread tells of its registrations. */
export interface Registrations {
  /** Whether the text from `start` to `end` is a registered function's. */
  isSource(start: number, end: number): boolean;

  /** Whether a registration stands there. */
  isPosition(start: number, end: number): boolean;

  /** Names of methods that are wrappers. */
  readonly methods: readonly string[];
}

/** The wrappers of a module. */
export class Wrappers {
  /** Units that register. */
  readonly roots: Set<Unit> = new Set();

  readonly #held: Holdings;
  readonly #names: Names;
  readonly #graph: CallGraph;
  #dispatching: ReadonlySet<Region> = new Set();

  constructor(names: Names, graph: CallGraph, registrations: Registrations) {
    this.#names = names;
    this.#graph = graph;
    this.#held = new Holdings(names, graph, registrations.methods);
    this.#addRoots((unit) => this.#registersItself(unit));
    this.#followCarriers();
    // A helper that registers is called again in every thread, but not if what it does next is to call the wrapper.
    const indirect = (unit: Unit): boolean => this.#isToldOf(unit, registrations) && !this.dispatches(unit);
    this.#addRoots(indirect);
  }

  /** Whether evaluating `unit` calls a wrapper. */
  dispatches({ kind, facts }: Unit): boolean {
    if (this.#dispatching.has(facts.now)) return true;
    // id.run(5, () => work()), of a ContextVar: its callbacks run at once.
    const isOurs = kind === 'statement' && facts.now.members.some(({ root }) => this.#isOfLibrary(root));
    return isOurs && this.#dispatching.has(facts.stored);
  }

  /** Whether `name` is a wrapper or holds one. */
  isHandle(name: string): boolean {
    return this.#held.handles.has(name);
  }

  #addRoots(isRoot: (unit: Unit) => boolean): void {
    for (const unit of this.#names.units) {
      if (unit.kind === 'import' || unit.kind === 'export' || unit.kind === 'directive') continue;
      if (isRoot(unit)) this.roots.add(unit);
    }
    this.#held.follow(this.roots);
    const direct = [...this.#graph.regions].filter((region) => this.#calls(region));
    this.#dispatching = this.#graph.reaching(direct);
  }

  #registersItself(unit: Unit): boolean {
    const { now, usesNow } = unit.facts;
    // threaded(fn)(1), which no thread can take apart.
    const isCalled = now.results.some(({ root, method, via }) => this.#names.wraps(root, method ?? via[0]));
    if (isCalled) return false;
    return this.#names.registersNow(unit) || [...this.#held.makers].some((name) => usesNow.has(name));
  }

  /** Decorators as transforms write them: `_dec = [threaded]`, then `__decorateElement(…, _dec, A)`. */
  #followCarriers(): void {
    const carriers = new Set<string>();
    for (const { node, value, facts, names } of this.roots) {
      const inner = unwrap(value ?? node);
      const given = inner?.type === 'AssignmentExpression' ? unwrap(inner.right) : inner;
      if (given?.type !== 'ArrayExpression' && given?.type !== 'Identifier') continue;
      if (facts.now.calls.length > 0) continue;
      for (const name of [...names, ...facts.now.writes]) carriers.add(name);
    }
    if (carriers.size === 0) return;
    for (const unit of this.#names.units) {
      if (unit.facts.now.passes.some(({ name }) => carriers.has(name))) this.roots.add(unit);
    }
  }

  #isToldOf({ kind, start, end, value, facts }: Unit, registrations: Registrations): boolean {
    if (facts.functions.some(([from, to]) => registrations.isSource(from, to))) return true;
    const inner = unwrap(value);
    if (isFunction(inner)) return false;
    if (registrations.isPosition(start, end)) return true;
    return (kind === 'declaration' || inner !== undefined) && this.#held.registering.has(facts.now);
  }

  /** The names to which `unit` gives a wrapper, or something that holds one. */
  /** Names of statements that put wrappers into something: `jobs.push(work)`, `jobs.a = threaded(…)`. */
  /** What loops and functions fill with wrappers. */
  /** Whether it registers, but has nothing to call: `setup(…)`, `sendable(A)`, `new ContextVar()`. */
  /** Whether the value of `node` is a wrapper or holds one. */
  /** A class, or a function called at once that gives one: what transforms make of decorated classes. */
  /** Whether `region` itself calls a wrapper, or hands one to something that may. */
  #calls(region: Region): boolean {
    return (
      region.calls.some((name) => this.#held.handles.has(name)) ||
      region.members.some((call) => this.#isWrapperCall(call)) ||
      region.results.some((call) => this.#isResultCall(call)) ||
      region.passes.some(
        (pass) => this.#held.handles.has(pass.name) && !this.#names.libraryExport(pass.callee) && this.#mayCall(pass),
      )
    );
  }

  #isWrapperCall({ root, method, via }: MemberCall): boolean {
    if (method !== undefined && quiet.has(method)) return false;
    if (root !== undefined && this.#held.handles.has(root)) {
      const isKept = method !== undefined && (keeperMethods.has(method) || reads.has(method));
      return !(isKept && this.#isContainer(root));
    }
    return this.#isMethod(root, [...via, method]);
  }

  #isResultCall({ root, method, via }: MemberCall): boolean {
    if (root === undefined) return this.#isMethod(root, via);
    if (this.#held.handles.has(root) || this.#held.makers.has(root) || this.#held.isFactory(root)) return true;
    return this.#names.wraps(root, method ?? via[0]) || this.#isMethod(root, via);
  }

  /** Whether one of `path` is a wrapped method that what `root` holds may have. */
  #isMethod(root: string | undefined, path: readonly (string | undefined)[]): boolean {
    const name = path.find((name) => name !== undefined && this.#held.methods.has(name));
    if (name === undefined) return false;
    if (root === undefined) return true;
    const owners = this.#names.owners.get(root);
    if (!owners || this.#names.isImport(root)) return false;
    return !owners.some(
      ({ value, facts }) => isPlain(unwrap(value)) || (!this.#held.isClassName(root) && facts.methods.has(name)),
    );
  }

  #isOfLibrary(name: string | undefined): boolean {
    const owners = (name !== undefined && this.#names.owners.get(name)) || [];
    return owners.some(({ value }) => {
      const inner = unwrap(value);
      return inner?.type === 'NewExpression' && this.#names.libraryValue(inner.callee) !== undefined;
    });
  }

  #isContainer(name: string): boolean {
    return this.#names.owners.get(name)?.some(({ value }) => isList(unwrap(value))) ?? false;
  }

  /** Whether what gets a wrapper may call it. */
  #mayCall({ callee, index }: Pass): boolean {
    if (callee === undefined) return true;
    if (isHelper(callee) || containers.has(callee) || callee.startsWith('Object.')) return false;
    if (callee.startsWith('.')) return !keeperMethods.has(callee.slice(1));
    const owners = this.#names.owners.get(callee) ?? [];
    return !owners.some(({ value, facts: { parameters } }) => {
      if (!isFunction(unwrap(value)) || index < 0 || parameters.called.has(index)) return false;
      return parameters.passes.every((pass) => pass.parameter !== index || !this.#mayCall(pass));
    });
  }
}

function isPlain(node: Node | undefined): boolean {
  return node?.type === 'Literal' || node?.type === 'TemplateLiteral' || isList(node);
}

function isList(node: Node | undefined): boolean {
  if (node?.type === 'NewExpression') return containers.has(calleeName(node.callee) ?? '');
  return node?.type === 'ArrayExpression';
}

/** What evaluating a unit changes, directly and by the functions that it calls. @module */

import type { CallGraph } from './call-graph.ts';
import { parameterIndex } from './facts.ts';
import type { Pass, Region } from './facts.ts';
import { isHelper } from './known.ts';
import type { Names } from './names.ts';
import { push } from './names.ts';
import { rootName, unwrap } from './syntax.ts';
import type { Unit } from './units.ts';

/** The effects of a module's units on the names of its top level. */
export class Effects {
  readonly #names: Names;
  readonly #graph: CallGraph;

  /** By name of a function: the indexes of the parameters that it changes. */
  readonly #changing: Map<string, Set<number>> = new Map();

  /** By name: the code that assigns it, or changes what it holds. */
  readonly #regions: Map<string, Region[]> = new Map();

  /** By what runs when they are evaluated. */
  readonly #units: Map<Region, Unit> = new Map();
  readonly #acting: Set<Region>;

  constructor(names: Names, graph: CallGraph) {
    this.#names = names;
    this.#graph = graph;
    this.#followParameters();
    for (const region of graph.regions)
      for (const name of new Set(this.#ownEffects(region))) push(this.#regions, name, region);
    for (const unit of names.units) this.#units.set(unit.facts.now, unit);
    this.#acting = graph.reaching([...graph.regions].filter(({ acts }) => acts));
  }

  /** The units whose evaluation gives `name` another value, or changes what it holds; the one that declares it aside. */
  changers(name: string): Unit[] {
    const regions = this.#graph.reaching(this.#regions.get(name) ?? []);
    const units = [...regions].flatMap((region) => this.#units.get(region) ?? []);
    return units.filter((unit) => !unit.names.includes(name));
  }

  /** Whether evaluating `unit` does something outside of the module, such as printing or listening. */
  acts({ facts }: Unit): boolean {
    return this.#acting.has(facts.now);
  }

  *#ownEffects({ writes, changes, passes }: Region): Iterable<string> {
    for (const name of writes) if (this.#names.owns(name)) yield name;
    for (const name of changes) yield* this.#origins(name);
    for (const pass of passes) if (this.#changes(pass)) yield* this.#origins(pass.name);
  }

  /** `name`, and what it is another name of: `P` if `const proto = P.prototype`. */
  *#origins(name: string): Iterable<string> {
    const seen = new Set<string>();
    for (let next: string | undefined = name; next !== undefined && !seen.has(next); next = this.#aliased(next)) {
      seen.add(next);
      if (this.#names.owns(next) && !this.#names.isFixed(next)) yield next;
    }
  }

  #aliased(name: string): string | undefined {
    const [unit] = this.#names.owners.get(name) ?? [];
    const inner = unit?.kind === 'declaration' ? unwrap(unit.value) : undefined;
    return inner?.type === 'Identifier' || inner?.type === 'MemberExpression' ? rootName(inner) : undefined;
  }

  /** Whether what gets `pass` changes it, as far as is known. */
  #changes({ callee, index }: Pass): boolean {
    if (callee === undefined || index < 0) return false;
    if (callee.startsWith('.')) return this.#graph.hasMethod(callee.slice(1));
    return isHelper(callee) || (this.#changing.get(callee)?.has(index) ?? false);
  }

  /** A function changes a parameter if it does so itself, or hands it to something that may. */
  #followParameters(): void {
    for (const name of this.#mutatorNames()) this.#changing.set(name, new Set([0]));
    /** By the function that gets it: whose parameter it may be. */
    const waiting = new Map<string, { name: string; pass: Pass & { parameter: number } }[]>();
    const found: [name: string, parameter: number][] = [];
    for (const { facts, names, target } of this.#names.units) {
      const name = names[0] ?? target;
      if (name === undefined) continue;
      for (const index of facts.parameters.changed) found.push([name, index]);
      for (const pass of facts.parameters.passes) {
        if (this.#mayChange(pass)) found.push([name, pass.parameter]);
        else if (pass.callee !== undefined) push(waiting, pass.callee, { name, pass });
      }
    }
    for (let next = found.pop(); next; next = found.pop()) {
      const [name, index] = next;
      const changed = this.#changing.get(name) ?? new Set();
      if (changed.has(index)) continue;
      this.#changing.set(name, changed.add(index));
      for (const { name: outer, pass } of waiting.get(name) ?? [])
        if (pass.index === index) found.push([outer, pass.parameter]);
    }
  }

  /** As {@link #changes}, where not to know means yes. */
  #mayChange(pass: Pass): boolean {
    const { callee, index } = pass;
    if (callee === undefined || parameterIndex(callee) !== undefined) return true;
    if (index < 0) return false;
    if (callee.startsWith('.') || !this.#names.owns(callee)) return true;
    return this.#changes(pass);
  }

  /** `var A = Object.defineProperty` of minified code. */
  *#mutatorNames(): Iterable<string> {
    for (const { value, names } of this.#names.units) {
      const inner = unwrap(value);
      const isMember = inner?.type === 'MemberExpression' && /^(?:Object|Reflect)$/.test(rootName(inner) ?? '');
      const [name] = names;
      if (isMember && name !== undefined && inner.object.type === 'Identifier') yield name;
    }
  }
}

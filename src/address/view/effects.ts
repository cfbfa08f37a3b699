/** What evaluating a unit changes, directly and by the functions that it calls. @module */

import type { CallGraph } from './call-graph.ts';
import { parameterIndex } from './facts.ts';
import type { Pass, Region } from './facts.ts';
import { isHelper } from './known.ts';
import type { Names } from './names.ts';
import { rootName, unwrap } from './syntax.ts';
import type { Unit } from './units.ts';

/** The effects of a module's units on the names of its top level. */
export class Effects {
  readonly #names: Names;
  readonly #graph: CallGraph;

  /** By name of a function: the indexes of the parameters that it changes. */
  readonly #changing: Map<string, Set<number>> = new Map();
  readonly #gathered: Map<Region, Set<string>>;
  readonly #acting: Set<Region>;

  constructor(names: Names, graph: CallGraph) {
    this.#names = names;
    this.#graph = graph;
    this.#followParameters();
    this.#gathered = graph.gather((region) => this.#ownEffects(region));
    this.#acting = graph.reaching([...graph.regions].filter(({ acts }) => acts));
  }

  /** The names that evaluating `unit` gives another value, or whose value it changes; its own aside. */
  of({ facts, names }: Unit): Set<string> {
    const effects = new Set(this.#gathered.get(facts.now));
    for (const name of names) effects.delete(name);
    return effects;
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
      if (this.#names.owns(next) && !this.#names.isBuiltin(next)) yield next;
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
    const functions = this.#names.units.filter(({ facts, names, target }) => {
      const { changed, passes } = facts.parameters;
      return (names.length === 1 || target !== undefined) && (changed.size > 0 || passes.length > 0);
    });
    for (const unit of functions) this.#changing.set(nameOf(unit), new Set(unit.facts.parameters.changed));
    for (const name of this.#mutatorNames()) this.#changing.set(name, new Set([0]));
    for (let isDone = false; !isDone;) {
      isDone = true;
      for (const unit of functions) {
        const changed = this.#changing.get(nameOf(unit));
        for (const pass of unit.facts.parameters.passes) {
          if (changed?.has(pass.parameter) || !this.#mayChange(pass)) continue;
          changed?.add(pass.parameter);
          isDone = false;
        }
      }
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

function nameOf({ names, target }: Unit): string {
  return names[0] ?? target ?? '';
}

/** Finds the functions that must not run in a thread, because the main thread changes what they need. @module */

import type { Closure, Facts } from './closure.ts';
import type { Found } from './flow/changes.ts';
import { Needs } from './flow/needs.ts';
import { held } from './flow/region.ts';
import type { Region } from './flow/region.ts';
import { Thing } from './flow/value.ts';
import type { Variable } from './flow/value.ts';

/**
 * The variable because of which a function is refused, and the place where it is changed, or declared if no thread has
 * it.
 */
export interface Reason {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** The functions to refuse, each with the reason. */
export function refusedFunctions({ names, flow }: Facts, { kept, parts }: Closure): Map<Thing, Reason> {
  const refused = new Map<Thing, Reason>();
  const changes = flow.changesOfMain(kept, 'later too');
  const late = flow.changesOfKept(kept);
  for (const [thing, regions] of flow.served('later too')) {
    const needs = new Needs();
    for (const region of regions) if (isThere(region)) needs.add([region]);
    const found = changes.of(needs) ?? lateChange(thing, needs);
    const reason = (found && { name: nameOf(found, needs), ...spanOf(found) }) ?? missing(needs);
    if (reason) refused.set(thing, reason);
  }
  return refused;

  /**
   * A change that a thread makes while it loads the view, but the main thread only after it has called the function.
   */
  function lateChange(thing: Thing, needs: Needs): Found | undefined {
    const found = late.of(needs);
    return found && found.since > flow.firstCall(thing) ? found : undefined;
  }

  /** Whether the code is kept; code in a unit that is left out cannot be called. */
  function isThere({ unit: index }: Region): boolean {
    const unit = names.units[index];
    return !unit || kept.has(unit) || parts.has(unit);
  }

  function missing({ variables }: Needs): Reason | undefined {
    for (const { name, owner } of variables) {
      const owners = owner ? undefined : names.owners.get(name);
      const [first] = owners ?? [];
      if (first && owners?.every((unit) => !kept.has(unit))) return { name, start: first.start, end: first.end };
    }
    return undefined;
  }
}

function spanOf({ place }: Found): Pick<Reason, 'start' | 'end'> {
  return { start: place.start, end: place.end };
}

/** The name of the variable by which the code reaches the changed thing. */
function nameOf({ what }: Found, { variables }: Needs): string {
  if (!(what instanceof Thing)) return what.name;
  const isTop = ({ owner }: Variable): boolean => !owner;
  const holders = [...variables].filter((variable) => held(variable.things ?? []).has(what));
  const [holder] = [...holders.filter(isTop), ...holders];
  return holder?.name ?? 'a variable';
}

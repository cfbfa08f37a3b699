/** Which functions must not run in a thread, since the main thread changes what they need. @module */

import type { Closure, Facts } from './closure.ts';
import type { Found } from './flow/changes.ts';
import { Needs } from './flow/needs.ts';
import { held } from './flow/region.ts';
import type { Region } from './flow/region.ts';
import { Thing } from './flow/value.ts';
import type { Cell } from './flow/value.ts';

/** Why a function is refused: the variable, and where it is changed, or declared if no thread has it. */
export interface Reason {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** The functions that are refused. */
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

  /** What a thread changes when it loads the view, and the main thread after it has called the function. */
  function lateChange(thing: Thing, needs: Needs): Found | undefined {
    const found = late.of(needs);
    return found && found.since > flow.firstCall(thing) ? found : undefined;
  }

  /** What stands in a unit that goes, nothing can call. */
  function isThere({ unit: index }: Region): boolean {
    const unit = names.units[index];
    return !unit || kept.has(unit) || parts.has(unit);
  }

  function missing({ cells }: Needs): Reason | undefined {
    for (const { name, owner } of cells) {
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

/** The variable by which the code comes to what is changed. */
function nameOf({ what }: Found, { cells }: Needs): string {
  if (!(what instanceof Thing)) return what.name;
  const isTop = ({ owner }: Cell): boolean => !owner;
  const holders = [...cells].filter((cell) => held(cell.things ?? []).has(what));
  const [holder] = [...holders.filter(isTop), ...holders];
  return holder?.name ?? 'a variable';
}

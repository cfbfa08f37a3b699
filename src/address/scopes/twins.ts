/** Twins: functions of one module with the same key, as a factory makes them. Tells which one is meant. @module */

import type { Address, FunctionKey, TwinGroup, Twins } from '../address.ts';
import { capturedValues, hasHidden } from './captures.ts';
import type { Captured } from './captures.ts';
import type { Definition } from '../registry.ts';

/** Those of `definitions` with this key that were registered while the module was being evaluated (`top`) or later. */
export function twinsOf(
  { signature, name, hash }: FunctionKey,
  top: boolean,
  definitions: readonly Definition[],
): Definition[] {
  return definitions.filter(
    (it) => it.signature === signature && it.name === name && it.hash === hash && it.site.top === top,
  );
}

/** Whether all of `twins` are the same function, which was wrapped several times: any of them may run. */
export function areOne(twins: readonly Definition[]): boolean {
  const [first] = twins;
  const isFirst = ({ fn, source, instance, owner, overlaps }: Definition): boolean =>
    fn === first?.fn &&
    source === first.source &&
    instance === first.instance &&
    owner === first.owner &&
    overlaps === first.overlaps;
  return twins.every(isFirst);
}

/** The facts that tell `definition` from its `twins`; `definition` is one of `twins`. */
export function describeAmong(definition: Definition, twins: readonly Definition[]): Twins {
  const there = twins.filter(({ site }) => site.place === definition.site.place);
  const [captured] = capturedValues([definition.source]) ?? [];
  return {
    captured,
    all: { size: twins.length, index: twins.indexOf(definition) },
    there: { size: there.length, index: there.indexOf(definition) },
  };
}

const one: TwinGroup = { size: 1, index: 0 };

/** The facts about a function that had no twins where it was registered. */
const alone: Twins = { captured: undefined, all: one, there: one };

/** The one of `twins` that `address` means, told apart by their places, then by the variables that they close over. */
export function tellApart(address: Address, twins: readonly Definition[]): Definition | undefined {
  const { place, twins: facts = alone } = address;
  if (place === undefined || !hasSameText(address, twins)) return choose(twins, facts, facts.all, sharedNames);
  const here = twins.filter(({ site }) => site.place === place);
  if (here.length === 1 && facts.there.size === 1) return here[0];
  if (here.length > 0) return choose(here, facts, facts.there);
  // None was registered at that place, so the order means nothing; only the variables can tell.
  return facts.captured && byCaptured(twins, facts.captured, false);
}

/** Whether places can be compared: the texts are the same, or a view, which keeps all positions. */
function hasSameText({ script }: Address, twins: readonly Definition[]): boolean {
  return script === undefined || twins.every(({ site, record }) => record?.isView === true || site.script === script);
}

/**
 * The variables to compare of two closures from different texts: those that both have. Under a test runner a module is
 * a function, so that its variables are in the closure; in a plain file they are not.
 */
const sharedNames = (one: Captured, other: Captured): string[] =>
  Object.keys(one).filter((name) => Object.hasOwn(other, name));

/**
 * The member at the same index, if its variables agree as far as they can be compared; else the one whose variables
 * agree.
 */
export function choose(
  members: readonly Definition[],
  { captured }: Twins,
  { size, index }: TwinGroup,
  namesOf: (one: Captured, other: Captured) => string[] = Object.keys,
): Definition | undefined {
  const likely = members.length === size ? members[index] : undefined;
  // A runtime that does not tell what functions close over, such as Bun: the order alone proves nothing.
  if (!captured) return size === 1 ? likely : undefined;
  const [own] = likely ? (capturedValues([likely.source]) ?? [captured]) : [];
  return likely && own && agree(captured, own, namesOf(captured, own))
    ? likely
    : byCaptured(members, captured, likely !== undefined);
}

/**
 * The member whose variables have the `wanted` values; any of these, if nothing in `wanted` is hidden. If main has as
 * many twins (`areAll`), only the variables in which the members differ count, because the others may have changed on
 * main since.
 */
function byCaptured(members: readonly Definition[], wanted: Captured, areAll: boolean): Definition | undefined {
  const captured = capturedValues(members.map(({ source }) => source));
  if (!captured) return undefined;
  const differing = Object.keys(wanted).filter((name) => captured.some((it) => it[name] !== captured[0]?.[name]));
  const found = members.filter((_, i) => agree(wanted, captured[i] as Captured, areAll ? differing : undefined));
  return found.length === 1 || !hasHidden(wanted) ? found[0] : undefined;
}

function agree(one: Captured, other: Captured, names: readonly string[] = Object.keys(one)): boolean {
  return names.every((name) => other[name] === one[name]);
}

/** Functions of one module that have the same key, as a factory makes them: tells which of them is meant. @module */

import type { Address, FunctionKey, TwinGroup, Twins } from './address.ts';
import { capturedValues, hasHidden } from './captures.ts';
import type { Captured } from './captures.ts';
import type { Definition } from './registry.ts';

/** Those of `definitions` that have this key, registered while the module was being evaluated (`top`) or later. */
export function twinsOf(
  { signature, name, hash }: FunctionKey,
  top: boolean,
  definitions: readonly Definition[],
): Definition[] {
  return definitions.filter(
    (it) => it.signature === signature && it.name === name && it.hash === hash && it.site.top === top,
  );
}

/** What tells `definition` from the `twins` that it is one of. */
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

/** What is to be known of one that has no twins where it was registered. */
const alone: Twins = { captured: undefined, all: one, there: one };

/** The one of `twins` that `address` means, told apart by their places, then by what they close over. */
export function tellApart(address: Address, twins: readonly Definition[]): Definition | undefined {
  const { place, twins: facts = alone } = address;
  if (place === undefined || !hasSameText(address, twins)) return choose(twins, facts, facts.all, sharedNames);
  const here = twins.filter(({ site }) => site.place === place);
  if (here.length === 1 && facts.there.size === 1) return here[0];
  if (here.length > 0) return choose(here, facts, facts.there);
  // It was registered elsewhere in the module, so that the order says nothing.
  return facts.captured && byCaptured(twins, facts.captured, false);
}

/** Whether places mean the same in the text that registered `twins`: a view has all that it keeps where it was. */
function hasSameText({ script }: Address, twins: readonly Definition[]): boolean {
  return script === undefined || twins.every(({ site, record }) => record?.isView === true || site.script === script);
}

/**
 * Which variables of two closures are compared where their texts differ: a module that a test runner has made a function
 * has its variables among them, and those of the file have not.
 */
const sharedNames = (one: Captured, other: Captured): string[] =>
  Object.keys(one).filter((name) => Object.hasOwn(other, name));

/** The one at the same place in the order, if nothing that can be compared says otherwise; else the one that is told. */
function choose(
  members: readonly Definition[],
  { captured }: Twins,
  { size, index }: TwinGroup,
  namesOf: (one: Captured, other: Captured) => string[] = Object.keys,
): Definition | undefined {
  const likely = members.length === size ? members[index] : undefined;
  if (!captured) return likely;
  const [own] = likely ? (capturedValues([likely.source]) ?? [captured]) : [];
  return likely && own && agree(captured, own, namesOf(captured, own))
    ? likely
    : byCaptured(members, captured, likely !== undefined);
}

/**
 * The one of `members` that has what is `wanted`, or any of those that do, if nothing of that is hidden. Where main has as
 * many (`areAll`), only what they differ in here counts: the rest may have changed there since.
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

/** Finds the variables that a function closes over, by the inspector; only for errors and for twins. @module */

import { hashOf } from './hash.ts';
import { inspecting } from './scopes.ts';
import type { Inspection, RemoteObject, Scope } from './scopes.ts';

/**
 * The names that `fn` uses of the functions and blocks around it, apart from those of its module. Empty if there are
 * none, or if they cannot be known.
 */
export async function capturedNames(fn: Function): Promise<string[]> {
  const around = inspecting((inspection) => namesAround(inspection, inspection.scopesOf(fn))) ?? [];
  if (around.length === 0) return [];
  const { freeNames } = await import('./free-names.ts');
  const used = freeNames(Function.prototype.toString.call(fn));
  return around.filter((name) => used.has(name));
}

/**
 * The value of the variable `name` as `fn` sees it, if `fn` closes over it; `undefined` if it cannot be known. It finds
 * classes of errors that the module does not export. In a bundle, classes of other modules are in objects; a class that
 * two of these have is not found.
 */
export function scopeValue(fn: Function, name: string): unknown {
  return inspecting((inspection) => {
    const namespaces: unknown[] = [];
    for (const { kind, objectId } of inspection.scopesOf(fn)) {
      const properties = kind === 'Global' ? [] : inspection.propertiesOf(objectId);
      const found = properties.find((it) => it.name === name)?.value;
      if (found) return inspection.valueOf(found);
      for (const { value } of properties) {
        if (value?.type === 'object' && value.subtype === undefined) namespaces.push(inspection.valueOf(value));
      }
    }
    const classes = new Set(namespaces.flatMap((it) => classIn(it, name)));
    return classes.size === 1 && name.length > shortest ? [...classes][0] : undefined;
  });
}

/** Names as short as this are made by minifiers, and two classes may have the same. */
const shortest = 2;

/** The class of errors named `name` among the exports of a module. */
function classIn(exports: unknown, name: string): Function[] {
  try {
    return Object.values(Object(exports) as object).filter(
      (it): it is Function => typeof it === 'function' && it.name === name && it.prototype instanceof Error,
    );
  } catch {
    // An export may not have been evaluated yet.
    return [];
  }
}

/** The values of variables, as texts that another thread can compare with its own. */
export type Captured = Readonly<Record<string, string>>;

/**
 * The variables that each of `fns` closes over: primitives by value, functions by their text, objects by their
 * primitives. The variables of a module may be among them. `undefined` if nothing can be known.
 */
export function capturedValues(fns: readonly Function[]): Captured[] | undefined {
  return inspecting((inspection) =>
    fns.map((fn) => {
      const inside = inspection.scopesOf(fn).filter(({ kind }) => !outermost.has(kind));
      // The innermost variable of a name comes last and wins.
      const variables = inside.toReversed().flatMap(({ objectId }) => inspection.propertiesOf(objectId));
      return Object.fromEntries(
        variables.slice(-mostNames).map(({ name, value }) => [name, textOf(inspection, value)]),
      );
    }),
  );
}

/**
 * Whether a part of `captured` was not compared: items of collections, deeper parts of objects, the state of functions.
 */
export function hasHidden(captured: Captured): boolean {
  return Object.values(captured).some((text) => text.startsWith(hidden));
}

const outermost = new Set(['Global', 'Module', 'Script']);
const hidden = '?';

/** How many variables, and how many properties of an object, are looked at. */
const mostNames = 100;

function textOf(inspection: Inspection, value: RemoteObject | undefined): string {
  if (!value || isWhole(value)) return wholeText(inspection, value);
  const { type, subtype, description = '', objectId } = value;
  if (type === 'function') return hidden + hashOf(description);
  const hasParts = type === 'object' && objectId !== undefined && (subtype === undefined || subtype === 'array');
  if (!hasParts) return shownText(inspection, value);
  const parts = inspection.propertiesOf(objectId).slice(0, mostNames);
  const isAll =
    parts.length < mostNames && parts.every((it) => it.name === '__proto__' || (it.value && isWhole(it.value)));
  const texts = parts.map((it) => `${it.name} ${it.value ? shownText(inspection, it.value) : hidden}`);
  return (isAll ? '' : hidden) + hashOf(texts.join('\n'));
}

/** The text for a value whose own parts are not looked at. */
function shownText(inspection: Inspection, value: RemoteObject): string {
  if (isWhole(value)) return wholeText(inspection, value);
  // Two symbols with the same description are still two symbols.
  return value.type === 'symbol' ? hidden + hashOf(value.description ?? '') : hidden;
}

/** Whether a text can represent the whole value. */
function isWhole({ type, subtype = '' }: RemoteObject): boolean {
  return type === 'object' ? ['null', 'date', 'regexp'].includes(subtype) : type !== 'function' && type !== 'symbol';
}

function wholeText(inspection: Inspection, value: RemoteObject = { type: 'none' }): string {
  const text = `${value.type} ${contentOf(inspection, value)}`;
  return text.length > 64 ? hashOf(text) : text;
}

function contentOf(inspection: Inspection, value: RemoteObject): string {
  // The inspector's description of a date lacks the milliseconds.
  if (value.subtype === 'date') return String((inspection.valueOf(value) as Date).getTime());
  if (value.unserializableValue !== undefined) return value.unserializableValue;
  return value.type === 'object' ? (value.description ?? '') : String(value.value);
}

function namesAround(inspection: Inspection, scopes: readonly Scope[]): string[] {
  const inside = scopes.filter(({ kind }) => kind !== 'Global' && kind !== 'Script');
  // In CommonJS and under test runners a module is a function; its scopes are the outermost ones and have no owner
  // name.
  const isFunction = !inside.some(({ kind }) => kind === 'Module');
  const end = isFunction ? inside.findLastIndex(({ owner }) => owner !== undefined) + 1 : inside.length;
  const around = inside.slice(0, end).filter(({ kind }) => kind !== 'Module');
  return [...new Set(around.flatMap(({ objectId }) => inspection.propertiesOf(objectId).map(({ name }) => name)))];
}

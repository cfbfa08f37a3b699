/** Finds the variables that a function closes over, by the inspector; only for errors and for twins. @module */

import { isModuleNamespaceObject, isProxy } from 'node:util/types';
import { hashOf } from '../hash.ts';
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
 * The value of the variable `name` as `fn` sees it, if `fn` closes over it, or over the module that it was imported
 * from; `undefined` if it cannot be known. It finds classes of errors that the module does not export. In a bundle names
 * may have been shortened: there a class is found by its own name, if no other module has one of that name.
 */
export function scopeValue(fn: Function, name: string): unknown {
  return inspecting((inspection) => {
    const scopes = inspection.scopesOf(fn).filter(({ kind }) => kind !== 'Global');
    const variables = scopes.flatMap(({ objectId }) => inspection.propertiesOf(objectId));
    const found = variables.find((it) => it.name === name)?.value;
    if (found) return inspection.valueOf(found);
    // Compilers to CommonJS, bundlers and test runners turn an imported name into a property of the module:
    // `errors_1.Refused`.
    const objects = variables.flatMap(({ value }) => (value?.type === 'object' ? inspection.valueOf(value) : []));
    const modules = objects.filter(isNamespace);
    const exporting = modules.find((it) => Object.hasOwn(it, name));
    if (exporting) return exporting[name];
    const classes = new Set(modules.flatMap((it) => classesIn(it, name)));
    return classes.size === 1 && name.length > shortest ? [...classes][0] : undefined;
  });
}

/** Names as short as this are made by minifiers, and two classes may have the same. */
const shortest = 2;

/** The classes of errors named `name` among the exports of a module. */
function classesIn(exports: Readonly<Record<string, unknown>>, name: string): Function[] {
  try {
    return Object.values(exports).filter(
      (it): it is Function => typeof it === 'function' && it.name === name && it.prototype instanceof Error,
    );
  } catch {
    // An export may not have been evaluated yet.
    return [];
  }
}

function isNamespace(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || isProxy(value)) return false;
  if (isModuleNamespaceObject(value)) return true;
  const fields = Object.getOwnPropertyDescriptors(value) as Record<PropertyKey, PropertyDescriptor>;
  if (fields['__esModule']?.value === true || fields[Symbol.toStringTag]?.value === 'Module') return true;
  // A bundler's own objects have nothing but getters, one for each export.
  const own = Object.values(fields);
  return own.length > 0 && own.every(({ get, set }) => get !== undefined && set === undefined);
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

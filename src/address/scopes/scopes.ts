/** Reads the scopes of functions by the inspector, in a session of this thread with itself (1 to 3 ms). @module */

import { createRequire } from 'node:module';
import type { Session } from 'node:inspector';
import { runInThisContext } from 'node:vm';

/** The parts of the protocol's answers that are read. */
export interface RemoteObject {
  readonly type: string;
  readonly subtype?: string;
  readonly objectId?: string;
  readonly description?: string;
  readonly value?: unknown;
  readonly unserializableValue?: string;
}

export interface Property {
  readonly name: string;
  readonly value?: RemoteObject;
}

interface Answer {
  readonly result: unknown;
  readonly internalProperties?: readonly Property[];
}

/** A scope of a function: the variables of one function or block around it. */
export interface Scope {
  readonly kind: string;

  /** The name of the function or class that the scope belongs to, if it has one. */
  readonly owner: string | undefined;
  readonly objectId: string;
}

/** Where a function begins, as the protocol has it. */
interface Location {
  readonly scriptId: string;
  readonly lineNumber: number;
  readonly columnNumber?: number;
}

/** The questions that a session answers. */
export interface Inspection {
  /** The scopes of `fn`, innermost first. */
  scopesOf(fn: Function): Scope[];

  /** The own properties of the object with the id `objectId`. */
  propertiesOf(objectId: string): readonly Property[];

  /** Where `fn` begins in its script, from 0. */
  locationOf(fn: Function): { readonly line: number; readonly column: number } | undefined;

  /** The hash of the script of `fn`, as frames have it; takes tens of milliseconds. */
  hashOf(fn: Function): string | undefined;

  /** The value that `object` describes. */
  valueOf(object: RemoteObject): unknown;
}

/**
 * Runs `look` in an inspector session and gives its result; `undefined` if there can be no session, because Node.js was
 * built without the inspector or the permission model forbids it.
 */
export function inspecting<T>(look: (inspection: Inspection) => T): T | undefined {
  let session: Session | undefined;
  try {
    const inspector = createRequire(import.meta.url)('node:inspector') as typeof import('node:inspector');
    session = new inspector.Session();
    session.connect();
    return look(inspectionBy(poster(session), scriptsOf(session)));
  } catch {
    return undefined;
  } finally {
    delete globals[slot];
    session?.disconnect();
  }
}

type Post = (method: string, parameters: object) => Answer;

/** A global variable through which values are passed to and from the protocol, which can name only globals. */
const slot = '__offloop_inspected__';

/** The object of the thread's own context, which the protocol reads: test runners run modules in contexts of theirs. */
const globals = runInThisContext('globalThis') as { [slot]?: unknown };

/**
 * A function that posts to the session and returns the answer: the session of a thread with itself answers
 * synchronously.
 */
function poster(session: Session): Post {
  return (method, parameters) => {
    let answer: Answer | undefined;
    session.post(method, parameters, (error: Error | null, result?: object) => {
      if (!error) answer = result as Answer;
    });
    if (!answer) throw new Error(`No answer to ${method}`);
    return answer;
  };
}

/** A function that gives the hash of each script of the thread, by its id. */
function scriptsOf(session: Session): () => ReadonlyMap<string, string> {
  const hashes = new Map<string, string>();
  return () => {
    session.on('Debugger.scriptParsed', ({ params: { scriptId, hash } }) => hashes.set(scriptId, hash));
    session.post('Debugger.enable');
    session.post('Debugger.disable');
    return hashes;
  };
}

function inspectionBy(post: Post, scripts: () => ReadonlyMap<string, string>): Inspection {
  const propertiesOf = (objectId: string): readonly Property[] =>
    post('Runtime.getProperties', { objectId, ownProperties: true }).result as Property[];
  const internalOf = (fn: Function, property: string): RemoteObject | undefined => {
    globals[slot] = fn;
    const { objectId } = post('Runtime.evaluate', { expression: `globalThis.${slot}` }).result as RemoteObject;
    const { internalProperties = [] } = post('Runtime.getProperties', { objectId, ownProperties: true });
    return internalProperties.find(({ name }) => name === property)?.value;
  };
  return {
    propertiesOf,
    locationOf(fn) {
      const place = internalOf(fn, '[[FunctionLocation]]')?.value as Partial<Location> | undefined;
      return place?.lineNumber === undefined ? undefined : { line: place.lineNumber, column: place.columnNumber ?? 0 };
    },
    hashOf(fn) {
      const place = internalOf(fn, '[[FunctionLocation]]')?.value as Partial<Location> | undefined;
      return scripts().get(place?.scriptId ?? '');
    },
    scopesOf(fn) {
      const list = internalOf(fn, '[[Scopes]]');
      return list?.objectId === undefined ? [] : propertiesOf(list.objectId).flatMap(({ value }) => scopeOf(value));
    },
    valueOf({ objectId, unserializableValue, value }) {
      const receiver = post('Runtime.evaluate', { expression: 'globalThis' }).result as RemoteObject;
      post('Runtime.callFunctionOn', {
        objectId: receiver.objectId,
        functionDeclaration: `function (value) { globalThis.${slot} = value }`,
        arguments: [{ objectId, unserializableValue, value }],
      });
      return globals[slot];
    },
  };
}

function scopeOf(object: RemoteObject | undefined): Scope | [] {
  const [, kind = '', owner] = /^(\w+)(?: \((.*)\))?/.exec(object?.description ?? '') ?? [];
  return object?.objectId === undefined ? [] : { kind, owner, objectId: object.objectId };
}

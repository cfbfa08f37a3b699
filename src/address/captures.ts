/** Looks at the variables that a function closes over, by the inspector; only on the way to an error (1 to 3 ms). @module */

import { createRequire } from 'node:module';
import type { Session } from 'node:inspector';

/**
 * The names that `fn` uses of the functions and blocks around it, those of its module not counted. Empty if there are
 * none, or if they cannot be known: Node.js built without the inspector, or a permission model that forbids it.
 */
export async function capturedNames(fn: Function): Promise<string[]> {
  const around = inspect(fn, namesAround) ?? [];
  if (around.length === 0) return [];
  const { freeNames } = await import('./free-names.ts');
  const used = freeNames(Function.prototype.toString.call(fn));
  return around.filter((name) => used.has(name));
}

/**
 * The value of the variable that `name` means inside `fn`, if it closes over it: how a class of the user's is found
 * that its module does not export. `undefined` if it cannot be known.
 */
export function scopeValue(fn: Function, name: string): unknown {
  return inspect(fn, (post, scopes) => {
    for (const scope of scopes) {
      const found = scope.kind === 'Global' ? undefined : variables(post, scope).find((it) => it.name === name)?.value;
      if (!found) continue;
      const { objectId, unserializableValue, value } = found;
      post('Runtime.callFunctionOn', {
        objectId: scope.objectId,
        functionDeclaration: `function (value) { globalThis.${slot} = value }`,
        arguments: [{ objectId, unserializableValue, value }],
      });
      return globals[slot];
    }
    return undefined;
  });
}

/** The parts of the protocol's answers that are read. */
interface RemoteObject {
  readonly objectId?: string;
  readonly description?: string;
  readonly value?: unknown;
  readonly unserializableValue?: string;
}

interface Property {
  readonly name: string;
  readonly value?: RemoteObject;
}

interface Answer {
  readonly result: unknown;
  readonly internalProperties?: readonly Property[];
}

type Post = (method: string, parameters: object) => Answer;

interface Scope {
  readonly kind: string;

  /** The name of the function or class that it belongs to, if it has one. */
  readonly owner: string | undefined;
  readonly objectId: string;
}

/** A global that the protocol can name; nothing else can be handed over to it. */
const slot = '__offloop_inspected__';
const globals = globalThis as { [slot]?: unknown };

function inspect<T>(fn: Function, look: (post: Post, scopes: readonly Scope[]) => T): T | undefined {
  let session: Session | undefined;
  try {
    const inspector = createRequire(import.meta.url)('node:inspector') as typeof import('node:inspector');
    session = new inspector.Session();
    session.connect();
    const post = poster(session);
    globals[slot] = fn;
    return look(post, scopesOf(post));
  } catch {
    return undefined;
  } finally {
    delete globals[slot];
    session?.disconnect();
  }
}

/** The session is in this very thread, so answers are there when `post` returns. */
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

function scopesOf(post: Post): Scope[] {
  const { objectId } = post('Runtime.evaluate', { expression: `globalThis.${slot}` }).result as RemoteObject;
  const { internalProperties = [] } = post('Runtime.getProperties', { objectId, ownProperties: true });
  const list = internalProperties.find(({ name }) => name === '[[Scopes]]')?.value;
  if (!list?.objectId) return [];
  const items = post('Runtime.getProperties', { objectId: list.objectId, ownProperties: true }).result as Property[];
  return items.flatMap(({ value }) => {
    const [, kind = '', owner] = /^(\w+)(?: \((.*)\))?/.exec(value?.description ?? '') ?? [];
    return value?.objectId ? { kind, owner, objectId: value.objectId } : [];
  });
}

function variables(post: Post, { objectId }: Scope): Property[] {
  return post('Runtime.getProperties', { objectId, ownProperties: true }).result as Property[];
}

function namesAround(post: Post, scopes: readonly Scope[]): string[] {
  const inside = scopes.filter(({ kind }) => kind !== 'Global' && kind !== 'Script');
  // Where modules are functions (CommonJS, test runners), these are the outermost ones and have no name.
  const isFunction = !inside.some(({ kind }) => kind === 'Module');
  const end = isFunction ? inside.findLastIndex(({ owner }) => owner !== undefined) + 1 : inside.length;
  const around = inside.slice(0, end).filter(({ kind }) => kind !== 'Module');
  return [...new Set(around.flatMap((scope) => variables(post, scope).map(({ name }) => name)))];
}

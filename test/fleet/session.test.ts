/** What goes to and fro between both sides of one call. @module */

import { expect, test } from 'vitest';
import { decodeFrame, encodeFrame } from '../../src/fleet/values/frame.ts';
import { Session } from '../../src/fleet/values/session.ts';

/** The sessions of both sides, each of which hears at once what the other one sends. */
function sessions(): { readonly caller: Session; readonly node: Session } {
  const to = (other: () => Session) => (op: number, facts: readonly unknown[], body?: Uint8Array) =>
    void other().hear(decodeFrame(encodeFrame(op, 1, facts, body)));
  const caller: Session = new Session({ send: to(() => node) });
  const node: Session = new Session({ send: to(() => caller) });
  return { caller, node };
}

/** What the node makes of `argument` of the caller. */
function pass(argument: unknown) {
  const { caller, node } = sessions();
  const [[given]] = node.decodeArguments(caller.encodeArguments([argument], undefined));
  return { caller, node, given };
}

test('a function of the caller is called until the call is over, and is refused after that', async () => {
  const { caller, node, given } = pass((n: number) => n * 2);
  const double = given as (n: number) => Promise<number>;
  expect(await double(21)).toBe(42);
  caller.end();
  node.end();

  await expect(double(1)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_HANDLE_RELEASED' });
});

test('what waits for the other side is told that the call is over: a function that was called, and an item', async () => {
  const { node, given } = pass(async () => new Promise(() => undefined));
  const called = (given as () => Promise<unknown>)();
  node.end();
  await expect(called).rejects.toMatchObject({ code: 'ERR_OFFLOOP_HANDLE_RELEASED' });

  const items = pass(
    (async function* () {
      yield await new Promise(() => undefined);
    })(),
  );
  const next = (items.given as AsyncIterator<unknown>).next();
  items.node.end();
  await expect(next).rejects.toMatchObject({ code: 'ERR_OFFLOOP_HANDLE_RELEASED' });
});

test.each<[string, unknown, object]>([
  ['text', 'too late', { reason: 'too late' }],
  ['an error', new RangeError('too late'), { reason: { name: 'RangeError', message: 'too late' } }],
  ['what abort() gives', undefined, { reason: { name: 'AbortError', code: 20 } }],
  ['a function', () => 1, { reason: { name: 'Error', message: expect.stringContaining('cannot be sent') as string } }],
])('a signal of the caller that was aborted before the call has its reason at the node: %s', (_, reason, expected) => {
  const { given } = pass({ deep: [AbortSignal.abort(reason)] });

  expect((given as { deep: unknown[] }).deep[0]).toMatchObject({ aborted: true, ...expected });
});

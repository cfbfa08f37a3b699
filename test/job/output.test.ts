/** The arguments of a dedicated thread, and the destinations of its output. @module */

import { PassThrough, Writable } from 'node:stream';
import { IteratorWrapperSeparate, threadedSeparate } from 'offloop';
import { describe, expect, test, vi } from 'vitest';
import { counts, goesOn, listens, says } from '../fixtures/jobs/printing.mjs';

const printed = 'loaded\nhello\n\xff\x00';

/** All that was written to it: `read` gives one chunk at a time on Node.js 26. */
function taken(stream: PassThrough): string {
  let text = '';
  for (let chunk; (chunk = stream.read() as Buffer | null);) text += chunk.toString('latin1');
  return text;
}

describe('argv', () => {
  test('is what the thread finds, of one call or of all calls', async () => {
    const stdout = new PassThrough();
    expect(await says.with({ argv: ['--deep', 'a b'], stdout, stderr: stdout })('hello')).toEqual(['--deep', 'a b']);
    expect(await says.with({ argv: [], stdout, stderr: stdout })('hello')).toEqual([]);
    const items = [];
    for await (const item of counts.with({ argv: ['x'], stdout })(2)) items.push(item);
    for await (const item of new IteratorWrapperSeparate(counts.syncCall, { argv: ['y'], stdout, args: [1] }))
      items.push(item);

    expect(items).toEqual(['x', 'x', 'y']);
  });

  test('is what it was when it was said', async () => {
    const argv = ['a'];
    const stdout = new PassThrough();
    const call = says.with({ argv, stdout, stderr: stdout });
    argv.push('b');

    expect(await call('hello')).toEqual(['a']);
  });

  test('leaves that of other calls alone, which have the arguments of the program', async () => {
    const stdout = new PassThrough();
    const say = async (argv?: string[]): Promise<string[]> => says.with({ argv, stdout, stderr: stdout })('hello');
    const found = await Promise.all([say(['a']), say(), say(['b']), say()]);

    expect(found).toEqual([['a'], process.argv.slice(2), ['b'], process.argv.slice(2)]);
  });
});

describe('stdout and stderr', () => {
  test('take what the thread prints, from the loading of the module on, before the result is there', async () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const here = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
    for (let round = 0; round < 2; round += 1) {
      await says.with({ stdout, stderr })('hello');
      expect([taken(stdout), taken(stderr)]).toEqual([printed, 'an error of hello\n']);
    }

    for (const write of here) expect(write).not.toHaveBeenCalled();
    expect([stdout, stderr].map(({ writableEnded }) => writableEnded)).toEqual([false, false]);
    vi.restoreAllMocks();
  });

  test('may be said of one of them: the other one is as it was', async () => {
    const stderr = new PassThrough();
    const here = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    await says.with({ stderr })('hello');
    const chunks = here.mock.calls.map(([chunk]) => Buffer.from(chunk as string).toString('latin1'));
    vi.restoreAllMocks();

    expect(taken(stderr)).toBe('an error of hello\n');
    expect(chunks.join('')).toBe(printed);
  });

  test('take what an iterator prints', async () => {
    const stdout = new PassThrough();
    for await (const item of counts.with({ stdout })(3)) expect(item).toBe(process.argv[2]);

    expect(taken(stdout)).toBe('loaded\nitem 0\nitem 1\nitem 2\n');
  });

  test('take what a thread prints that was asked for by another one', async () => {
    const stdout = new PassThrough();

    expect(await listens.with({ stdout, stderr: stdout })()).toEqual([['inner'], 'loaded\ninside\n\xff\x00']);
    expect(taken(stdout)).toBe('loaded\nan error of inside\n');
  });

  test('may be ended when the call is over, whatever its thread goes on to print', async () => {
    const stdout = new PassThrough();
    stdout.on('error', (error) => {
      throw error;
    });
    await goesOn.with({ stdout })();
    stdout.end();
    await new Promise((resolve) => setTimeout(resolve, 100));

    expect(taken(stdout)).toMatch(/^loaded\nin time\n/);
    expect(await says.with({ stdout, stderr: stdout })('nobody')).toEqual(process.argv.slice(2));
  });

  test('that throw are an uncaught error, and the call goes on', async () => {
    const uncaught: unknown[] = [];
    const listeners = process.rawListeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => uncaught.push(error));
    const stderr = new PassThrough();
    const stdout = {
      write() {
        throw new Error('full');
      },
    } as unknown as Writable;
    const result = await says.with({ stdout, stderr })('hello');
    // One call for each chunk.
    await vi.waitFor(() => expect(uncaught).toHaveLength(3));
    process.removeAllListeners('uncaughtException');
    for (const listener of listeners) process.on('uncaughtException', listener as () => void);

    expect(result).toEqual(process.argv.slice(2));
    expect(uncaught[0]).toMatchObject({ message: 'full' });
  });
});

test.each([
  { argv: 'a' },
  { argv: [1] },
  { stdout: true },
  { stderr: process.stdin.constructor },
  { stdout: 'file' },
  { stdout: null },
])('options such as %j are refused', (options) => {
  const refused = expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' });
  expect(() => threadedSeparate(() => 1, options as object)).toThrow(refused);
  expect(() => says.with(options as object)).toThrow(refused);
});

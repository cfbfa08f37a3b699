/** Servers that a test starts, asks over HTTP and ends with everything that they have started. @module */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/** How long a server may take to start, and to have seen an edit. */
const patience = 120_000;

export interface Server {
  /** The answer to `GET path` once the server gives one with status 200. */
  ask(path: string): Promise<unknown>;

  /** Asks until the answer is another than `before`, and gives it. */
  askAfter(path: string, before: unknown): Promise<unknown>;

  /** Asks until the answer is `expected`, and gives it. */
  askUntil(path: string, expected: unknown): Promise<unknown>;

  /** Ends it as a person would, and gives all that it has printed. */
  end(): Promise<string>;
}

/** A port that nothing listens on. */
export async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return String(port);
}

/** Starts `command` in `cwd`; it listens on 127.0.0.1 at `port`. It is ended with the test, if not before. */
export function serverOf(
  cwd: string,
  [name = '', ...args]: readonly string[],
  port: string,
  more: Readonly<Record<string, string>> = {},
): Server {
  const inherited = Object.entries(process.env).filter(
    ([key]) => !/^(VITEST|VITE|NODE_OPTIONS|NODE_ENV|TEST)/.test(key),
  );
  const env = { ...Object.fromEntries(inherited), NO_COLOR: '1', ...more };
  // With a group of its own: what npx starts would stay otherwise.
  const child = spawn(name, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (output += String(chunk)));
  const closed = once(child, 'close');
  const signal = (which: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, which);
    } catch {
      // It has ended.
    }
  };
  const end = async (): Promise<string> => {
    signal('SIGTERM');
    const ended = await Promise.race([closed, setTimeout(10_000, undefined, { ref: false })]);
    if (!ended) signal('SIGKILL');
    await closed;
    return output;
  };
  onTestFinished(async () => void (await end()));

  async function until(path: string, isIt: (answer: unknown) => boolean): Promise<unknown> {
    const deadline = Date.now() + patience;
    let last: unknown;
    while (Date.now() < deadline && child.exitCode === null) {
      try {
        // Nitro drops some requests while it starts anew, with this package or without.
        const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(15_000) });
        const text = await response.text();
        last = response.ok ? (JSON.parse(text) as unknown) : text;
        if (response.ok && isIt(last)) return last;
      } catch (error) {
        last = error;
      }
      await setTimeout(100);
    }
    throw new Error(`${name} ${args.join(' ')}: no such answer at ${path}, but ${JSON.stringify(last)}\n${output}`);
  }

  return {
    ask: (path) => until(path, () => true),
    askAfter: (path, before) => until(path, (answer) => JSON.stringify(answer) !== JSON.stringify(before)),
    askUntil: (path, expected) => until(path, (answer) => JSON.stringify(answer) === JSON.stringify(expected)),
    end,
  };
}

/** Nodes of a fleet as users start them: `offloop serve` in processes of its own. @module */

import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { vi } from 'vitest';
import { fixture, root } from './run.ts';

/** A line of the log of a node. */
export interface LogLine {
  readonly event: string;
  readonly pid: number;
  readonly [fact: string]: unknown;
}

/** A node that was started. */
export interface TestNode {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly log: readonly LogLine[];
  readonly printed: { readonly stdout: string; readonly stderr: string };

  /** The process that runs the calls; another one after it was replaced. */
  readonly pid: number;
  readonly id: string;
  readonly ended: Promise<number | null>;

  /** Waits until the log has such an event, `times` of them. */
  heard(event: string, times?: number): Promise<LogLine>;

  /** Ends the process that runs the calls, and that which watches it, at once. */
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;

  /** Tells it to end, and gives its exit code. */
  stop(): Promise<number | null>;
}

/** How a node is started. */
export interface NodeSettings {
  readonly threads?: number;
  readonly modules?: readonly string[];
  readonly args?: readonly string[];
  readonly cwd?: string;

  /** The words of a command that starts it, before those of its own. */
  readonly inside?: readonly string[];

  /** Whether it is expected to take calls. */
  readonly isReady?: boolean;
}

const main = join(root, 'dist/lib/src/programs/cli/main.js');
const started = new Set<TestNode>();

/** Starts a node at `servers`. */
export async function startNode(servers: string, settings: NodeSettings = {}): Promise<TestNode> {
  const {
    threads = 1,
    modules = [fixture('fleet/jobs.mjs')],
    args = [],
    cwd = root,
    isReady = true,
    inside = [],
  } = settings;
  const given = ['serve', ...modules, '--nats', servers, '--threads', `${threads}`, '--json', ...args];
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_OPTIONS|NODE_ENV|TEST)/.test(name));
  const [command, ...words] = [...inside, process.execPath, main, ...given] as [string, ...string[]];
  const child = spawn(command, words, {
    cwd,
    env: Object.fromEntries(inherited),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: LogLine[] = [];
  const printed = { stdout: '', stderr: '' };
  createInterface({ input: child.stdout }).on('line', (line) => {
    printed.stdout += `${line}\n`;
    if (line.startsWith('{')) log.push(JSON.parse(line) as LogLine);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
  const ended = (once(child, 'close') as Promise<[number | null]>).then(([code]) => code);
  const pids = (): number[] => [...new Set(log.map(({ pid }) => pid))].filter((pid) => pid !== child.pid);
  const tell = (pid: number, signal: NodeJS.Signals): void => {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended.
    }
  };
  const node: TestNode = {
    child,
    log,
    printed,
    ended,
    get pid() {
      return pids().at(-1) ?? NaN;
    },
    get id() {
      return String(log.findLast(({ event }) => event === 'ready')?.['id']);
    },
    async heard(event, times = 1) {
      return vi.waitFor(
        () => {
          const lines = log.filter((line) => line.event === event);
          const line = lines[times - 1];
          if (!line) throw new Error(`no ${event}: ${printed.stdout}${printed.stderr}`);
          return line;
        },
        { timeout: 30_000, interval: 10 },
      );
    },
    async kill() {
      tell(child.pid as number, 'SIGKILL');
      for (const pid of pids()) tell(pid, 'SIGKILL');
      await ended;
    },
    freeze: () => tell(node.pid, 'SIGSTOP'),
    thaw: () => tell(node.pid, 'SIGCONT'),
    async stop() {
      node.thaw();
      child.kill('SIGTERM');
      return ended;
    },
  };
  started.add(node);
  if (isReady) await node.heard('ready');
  return node;
}

/** Ends all nodes that were started. */
export async function endNodes(): Promise<void> {
  await Promise.all(Array.from(started, async (node) => node.kill()));
  started.clear();
}

/** The calls that may run once only, as they were written to the file at `path`, a line each time that one ran. */
export function onceIn(path: string): string[] {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => line.split(' ')[0] as string).filter((id) => id.startsWith('once'));
}

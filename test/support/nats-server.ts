/** A real NATS server for a test: on a free port of this machine, with a store of its own. @module */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server that can be ended, frozen and started again on the same port and store. */
export interface NatsServer {
  readonly servers: string;
  readonly port: number;

  /** Ends it at once, in the midst of whatever it does, or as `signal` has it. */
  kill(signal?: NodeJS.Signals): Promise<void>;

  /** Starts it again after {@link kill}, with other arguments if there are any. */
  start(more?: readonly string[]): Promise<void>;
  freeze(): void;
  thaw(): void;

  /** Ends it, and removes its store. */
  stop(): Promise<void>;
}

/**
 * A port that nobody listens on, and that the system gives to no connection: one of those would be taken while a server is
 * down.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + randomInt(20_000);
    const server = createServer();
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** Starts a server, with more arguments of its command. */
export async function natsServer(more: readonly string[] = []): Promise<NatsServer> {
  const store = mkdtempSync(join(tmpdir(), 'offloop-nats-'));
  let port = await freePort();
  let child: ChildProcess | undefined;
  const end = (): void => void child?.kill('SIGKILL');
  process.once('exit', end);

  const start = async (others = more): Promise<void> => {
    const args = ['-a', '127.0.0.1', '-p', `${port}`, '-js', '-sd', store, ...others];
    const started = (child = spawn('nats-server', args, { stdio: ['ignore', 'ignore', 'pipe'] }));
    await new Promise<void>((resolve, reject) => {
      let text = '';
      started.once('error', reject);
      started.once('exit', (code) => reject(new Error(`nats-server ended with ${code}: ${text}`)));
      started.stderr?.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (text.includes('Server is ready')) resolve();
      });
    });
  };
  const startSomewhere = async (): Promise<void> => {
    try {
      await start();
    } catch (error) {
      // Another test was quicker.
      if (!/address already in use/.test(String(error))) throw error;
      port = await freePort();
      await startSomewhere();
    }
  };
  const kill = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    const killed = child;
    child = undefined;
    if (!killed || killed.exitCode !== null || killed.signalCode !== null) return;
    const exit = once(killed, 'exit');
    killed.kill(signal);
    await exit;
  };

  await startSomewhere();
  return {
    servers: `127.0.0.1:${port}`,
    port,
    kill,
    start,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async stop() {
      child?.kill('SIGCONT');
      await kill();
      process.removeListener('exit', end);
      rmSync(store, { recursive: true, force: true });
    },
  };
}

/** A real NATS server for a test: on a free port of this machine, with a store of its own. @module */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server that can be ended, frozen and started again on the same port and store. */
export interface NatsServer {
  readonly servers: string;
  readonly port: number;

  /** Ends it at once, in the midst of whatever it does. */
  kill(): Promise<void>;

  /** Starts it again after {@link kill}. */
  start(): Promise<void>;
  freeze(): void;
  thaw(): void;

  /** Ends it, and removes its store. */
  stop(): Promise<void>;
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts a server. */
export async function natsServer(): Promise<NatsServer> {
  const port = await freePort();
  const store = mkdtempSync(join(tmpdir(), 'offloop-nats-'));
  let child: ChildProcess | undefined;
  const end = (): void => void child?.kill('SIGKILL');
  process.once('exit', end);

  const start = async (): Promise<void> => {
    const args = ['-a', '127.0.0.1', '-p', `${port}`, '-js', '-sd', store];
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
  const kill = async (): Promise<void> => {
    const killed = child;
    child = undefined;
    if (!killed || killed.exitCode !== null || killed.signalCode !== null) return;
    const exit = once(killed, 'exit');
    killed.kill('SIGKILL');
    await exit;
  };

  await start();
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

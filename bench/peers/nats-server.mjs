/** A NATS server of this machine, with a store of its own, as long as this process runs. @module */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Starts it; gives its address. */
export async function natsServer() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  const store = mkdtempSync(join(tmpdir(), 'offloop-bench-nats-'));
  const child = spawn('nats-server', ['-a', '127.0.0.1', '-p', `${port}`, '-js', '-sd', store], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  process.once('SIGTERM', () => process.exit());
  process.once('exit', () => {
    child.kill('SIGKILL');
    rmSync(store, { recursive: true, force: true });
  });
  await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.stderr.on('data', (text) => String(text).includes('Server is ready') && resolve());
  });
  return `127.0.0.1:${port}`;
}

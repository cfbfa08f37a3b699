/** The mock cluster of librdkafka, which kcat starts, as long as this process runs. @module */

import { spawn } from 'node:child_process';

/** Starts one broker; gives its address. */
export async function kafkaMock() {
  const args = ['-C', '-t', 'none', '-b', 'ignored', '-X', 'test.mock.num.brokers=1', '-X', 'debug=mock'];
  const child = spawn('kcat', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  process.once('SIGTERM', () => process.exit());
  process.once('exit', () => child.kill('SIGKILL'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.stderr.on('data', (text) => {
      const found = /bootstrap\.servers=([\d.]+:\d+)/.exec(text);
      if (found) resolve(found[1]);
    });
  });
}

/** The mock cluster of librdkafka, which kcat starts. @module */

import { spawn } from 'node:child_process';

export interface KafkaMock {
  readonly address: string;
  stop(): void;
}

/** Starts a cluster of one broker, whose topics have four partitions and are made by their use. */
export async function kafkaMock(): Promise<KafkaMock> {
  const args = ['-C', '-t', 'none', '-b', 'ignored', '-X', 'test.mock.num.brokers=1', '-X', 'debug=mock'];
  const child = spawn('kcat', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  const address = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`kcat ended with ${code}: ${text}`)));
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      text = (text + part).slice(-10_000);
      const found = /bootstrap\.servers=(?<address>[\d.]+:\d+)/.exec(text)?.groups?.['address'];
      if (found !== undefined) resolve(found);
    });
  });
  return {
    address,
    stop() {
      process.removeListener('exit', end);
      end();
    },
  };
}

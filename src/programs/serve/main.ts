/** The process of a node: what `offloop serve` starts, and starts anew with new code. @module */

import { pathToFileURL } from 'node:url';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { FleetNode } from '../../fleet/node/node.ts';
import type { NodeEvent } from '../../fleet/node/node.ts';
import { loadServed } from '../../fleet/node/served.ts';
import { monitor } from '../../monitor/index.ts';
import { lineOf } from './log.ts';
import { answerSignals } from './signals.ts';
import type { ServeArguments } from './serve-arguments.ts';

const given = JSON.parse(process.argv[2] ?? '{}') as ServeArguments;

const log = (event: NodeEvent | { readonly event: string; readonly [fact: string]: unknown }): void =>
  console.log(lineOf(event, given.json));

try {
  process.exitCode = await serve(given);
} catch (error) {
  const { message } = error as Error;
  if (given.json) log({ event: 'failed', why: message });
  else console.error(`offloop: ${message}`);
  process.exitCode = 1;
}
// A served module may have left something open: a node that has ended does not stay for that.
if (process.connected) process.disconnect();
setImmediate(() => process.exit());

/** Serves until it is told to end; gives the exit code. */
async function serve(options: ServeArguments): Promise<number> {
  const { modules, servers, threads, prefix, ackWait, connection, deadline } = options;
  using told = answerSignals();
  const served = await loadServed(modules, process.cwd());
  const node = new FleetNode(
    served,
    {
      servers,
      threads,
      prefix,
      ackWait,
      connectTimeout: 10_000,
      connection: connection === undefined ? {} : await optionsIn(connection),
    },
    log,
  );
  await node.start();
  if (options.monitor !== undefined) {
    const { url } = await monitor(node.pool).listen({ port: options.monitor });
    log({ event: 'monitor', url });
  }
  process.send?.('ready');
  const why = await Promise.race([told.end, node.failed]);
  const isClean = await Promise.race([node.drain(deadline, why), told.again]);
  return isClean ? 0 : 1;
}

/** The options of the client of NATS in a file: of JSON, or the default export of a module. */
async function optionsIn(file: string): Promise<Record<string, unknown>> {
  const path = resolve(file);
  if (file.endsWith('.json')) return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  const { default: options } = (await import(pathToFileURL(path).href)) as { default: Record<string, unknown> };
  return options;
}

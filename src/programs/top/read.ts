/** Reads the samples of a monitor over the network. @module */

import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { Sample } from '../../monitor/index.ts';

/** A monitor that does not answer as one. The message is meant for the user. */
export class MonitorError extends Error {}

/**
 * The samples of the monitor whose page is at `url`, until it ends or `signal` is aborted.
 *
 * @throws {MonitorError} if nothing answers there, it refuses, or what answers is no monitor.
 */
export async function* readSamples(
  url: string,
  token: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<Sample, void, undefined> {
  const response = await ask(url, token, signal);
  if (response.status === 401 || response.status === 403)
    throw new MonitorError(`Refused by ${url}: ${(await response.text()).trim()}`);
  const type = response.headers.get('content-type') ?? '';
  if (!response.ok || !type.includes('ndjson') || !response.body)
    throw new MonitorError(`There is no monitor at ${url}: it answered with ${response.status} ${type}`);
  const input = Readable.fromWeb(response.body);
  const lines = createInterface({ input, crlfDelay: Infinity });
  try {
    // Empty lines are signs of life.
    for await (const line of lines) if (line !== '') yield sampleOf(line, url);
  } catch (error) {
    if (signal.aborted) return;
    throw error instanceof MonitorError ? error : new MonitorError(`Lost ${url}`, { cause: error });
  } finally {
    // The connection would stay, and with it the process.
    input.destroy();
  }
}

async function ask(url: string, token: string | undefined, signal: AbortSignal): Promise<Response> {
  const target = new URL(url);
  target.pathname = `${target.pathname.replace(/\/$/, '')}/events`;
  const headers = { accept: 'application/x-ndjson', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  try {
    return await fetch(target, { headers, signal });
  } catch (error) {
    throw signal.aborted ? error : new MonitorError(`Cannot reach ${url}: ${reasonOf(error)}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? String(error);
}

function sampleOf(line: string, url: string): Sample {
  try {
    return JSON.parse(line) as Sample;
  } catch (error) {
    throw new MonitorError(`There is no monitor at ${url}: it sent what is no sample`, { cause: error });
  }
}

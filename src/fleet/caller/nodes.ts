/** Which nodes there are, as they tell by the services protocol of NATS. @module */

import { after } from '../../base/clock.ts';
import { Promise } from '../../base/intrinsics.ts';
import type { Code } from '../code/code.ts';
import type { NatsConnection } from '../../nats/client-types.ts';

/** A node of a fleet. */
export interface FleetNodeInfo {
  readonly id: string;
  readonly host: string;
  readonly pid: number;

  /** The version of the library. */
  readonly version: string;
  readonly threads: number;

  /** The modules that it serves, and the hashes of their codes. */
  readonly modules: readonly Code[];

  /** What it does: calls that run, and that wait for a thread; and has done: calls that returned, and that failed. */
  readonly busy: number;
  readonly queued: number;
  readonly completed: number;
  readonly failed: number;

  /** How many milliseconds its functions ran at the median and at the 99th percentile. */
  readonly run: { readonly p50: number; readonly p99: number };

  /** Seconds since it was started. */
  readonly uptime: number;
}

/** How long nodes may take to answer, in milliseconds; and those that have answered the time before, which may be busy now. */
const answerTime = 500;
const knownTime = 1000;

/** How long to wait for a further answer after the last one, in milliseconds. */
const stillTime = 80;

let asked = 0;

/** The nodes that answer; `inbox` is a subject on which nobody else listens, `known` are those that answered the time before. */
export async function askNodes(
  connection: NatsConnection,
  service: string,
  inbox: string,
  known: readonly FleetNodeInfo[],
): Promise<FleetNodeInfo[]> {
  asked += 1;
  const reply = `${inbox}.${asked}`;
  const found = new Map<string, FleetNodeInfo>();
  const awaited = new Set(known.map(({ id }) => id));
  await new Promise<void>((resolve) => {
    let still = after(Infinity, end);
    const all = after(awaited.size > 0 ? knownTime : answerTime, end);
    all.hold();
    const subscription = connection.subscribe(reply, {
      callback: (error, { data }) => {
        const node = error ? undefined : nodeIn(data);
        if (!node) return;
        found.set(node.id, node);
        awaited.delete(node.id);
        still.cancel();
        if (awaited.size === 0) still = after(stillTime, end);
      },
    });
    function end(): void {
      all.letGo();
      all.cancel();
      subscription.unsubscribe();
      resolve();
    }
    connection.publish(`$SRV.STATS.${service}`, '', { reply });
  });
  return [...found.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1));
}

/** What a node has told; `undefined` if it is not of this kind. */
function nodeIn(data: Uint8Array): FleetNodeInfo | undefined {
  if (data.length === 0) return undefined;
  try {
    const { id, metadata, endpoints } = JSON.parse(new TextDecoder().decode(data)) as {
      id: string;
      metadata: Record<string, string>;
      endpoints?: { data?: Figures }[];
    };
    const { host = '', pid, threads, modules = '[]', offloop = '' } = metadata;
    const figures = endpoints?.find((it) => it.data)?.data;
    const listed = (JSON.parse(modules) as Code[]).filter((it) => typeof it.hash === 'string');
    return {
      id,
      host,
      pid: Number(pid),
      version: offloop,
      threads: Number(threads),
      modules: listed.map(({ module, hash }) => ({ module, hash })),
      busy: numberIn(figures?.busy),
      queued: numberIn(figures?.queued),
      completed: numberIn(figures?.completed),
      failed: numberIn(figures?.failed),
      run: { p50: numberIn(figures?.runTime?.p50), p99: numberIn(figures?.runTime?.p99) },
      uptime: numberIn(figures?.uptime),
    };
  } catch {
    return undefined;
  }
}

interface Figures {
  readonly busy?: unknown;
  readonly queued?: unknown;
  readonly completed?: unknown;
  readonly failed?: unknown;
  readonly uptime?: unknown;
  readonly runTime?: { readonly p50?: unknown; readonly p99?: unknown };
}

const numberIn = (value: unknown): number => (typeof value === 'number' ? value : 0);

/**
 * Tells of a node by the services protocol of NATS, so that its tools and the callers see it. By hand, though there is a library
 * of NATS for services: that listens at the subject of each endpoint and answers there, and a node takes its calls from a queue
 * of that subject, so each would come twice; its figures count what it has answered itself; and it brings a second copy of the
 * client. What is needed here is three answers, whose form the protocol fixes (ADR-32). @module
 */

import { wallTime } from '../../base/clock.ts';
import { version } from '../../base/copies.ts';
import { dateAt } from '../../base/intrinsics.ts';
import type { NatsConnection, NatsSubscription } from '../../nats/client-types.ts';

/** What is told of a node. */
export interface Told {
  readonly name: string;
  readonly id: string;

  /** Which modules it serves, and how: texts only, as the protocol has it. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly subjects: readonly string[];

  /** What it does, as callers read it. */
  figures(): object;

  /** How many calls it has answered, how many of them failed, and how long they ran, in milliseconds. */
  counts(): { readonly calls: number; readonly failed: number; readonly ran: number; readonly lastError: string };
}

const kinds = ['PING', 'INFO', 'STATS'] as const;
type Kind = (typeof kinds)[number];

/** Answers the questions of the protocol, until the returned function is called. */
export function tellOf(connection: NatsConnection, told: Told): () => void {
  const started = dateAt(wallTime()).toISOString();
  const subscriptions = kinds.flatMap((kind) =>
    [`$SRV.${kind}`, `$SRV.${kind}.${told.name}`, `$SRV.${kind}.${told.name}.${told.id}`].map((subject) =>
      answer(connection, subject, () => answerOf(kind, told, started)),
    ),
  );
  return () => {
    for (const subscription of subscriptions) subscription.unsubscribe();
  };
}

function answer(connection: NatsConnection, subject: string, make: () => object): NatsSubscription {
  return connection.subscribe(subject, {
    callback: (error, { reply }) => {
      // The client gives an empty text where nobody wants an answer; who publishes to that is disconnected by the server.
      if (!error && reply && !connection.isClosed()) connection.publish(reply, JSON.stringify(make()));
    },
  });
}

function answerOf(kind: Kind, told: Told, started: string): object {
  const { name, id, metadata, subjects } = told;
  const common = { type: `io.nats.micro.v1.${kind.toLowerCase()}_response`, name, id, version, metadata };
  const description = 'Runs wrapped functions of offloop';
  if (kind === 'PING') return common;
  const endpoints = subjects.map((subject) => ({ name: 'calls', subject, queue_group: 'nodes' }));
  if (kind === 'INFO') return { ...common, description, endpoints: endpoints.map((it) => ({ ...it, metadata: {} })) };
  const { calls, failed, ran, lastError } = told.counts();
  const nanoseconds = Math.round(ran * 1e6);
  const [first, ...rest] = endpoints.map((it) => ({
    ...it,
    num_requests: 0,
    num_errors: 0,
    last_error: '',
    processing_time: 0,
    average_processing_time: 0,
  }));
  // The calls of all codes share the threads, and are counted together.
  const sum = {
    ...first,
    num_requests: calls,
    num_errors: failed,
    last_error: lastError,
    processing_time: nanoseconds,
    average_processing_time: calls === 0 ? 0 : Math.trunc(nanoseconds / calls),
    data: told.figures(),
  };
  return { ...common, started, endpoints: [sum, ...rest] };
}

/** The recipe for OpenTelemetry, with its own SDK on both sides. @module */

import { describe, expect, test } from 'vitest';
import { traced, tracedSteps, tracer } from '../fixtures/jobs/tracing.mjs';
import { take } from '../support/take.ts';

interface Facts {
  readonly traceId: string;
  readonly spanId: string;
  readonly parent: string | undefined;
}

/** Runs `run` in a span of its own. */
async function inSpan<T>(run: () => Promise<T>): Promise<{ result: T; traceId: string; spanId: string }> {
  return tracer.startActiveSpan('the caller', async (span) => {
    const result = await run();
    span.end();
    return { result, ...span.spanContext() };
  });
}

describe('a span', () => {
  test('in a thread is the child of its caller’s, and the parent of those of its coroutines', async () => {
    const { result, traceId, spanId } = await inSpan(async () => traced() as Promise<{ own: Facts; back: Facts }>);

    expect(result.own).toMatchObject({ traceId, parent: spanId });
    expect(result.back).toMatchObject({ traceId, parent: result.own.spanId });
  });

  test('in each step of a generator is the child of its caller’s', async () => {
    const { result, traceId, spanId } = await inSpan(async () => take(tracedSteps() as AsyncIterable<Facts>));

    expect(result).toHaveLength(2);
    for (const step of result) expect(step).toMatchObject({ traceId, parent: spanId });
  });

  test('of a call without one is the first of its trace', async () => {
    const { own } = (await traced()) as { own: Facts };

    expect(own.parent).toBeUndefined();
  });
});

/** A client for Kafka that does what a test tells it: a broker of its own is not there. @module */

type Listener = (event: { readonly payload: Readonly<Record<string, unknown>> }) => void;
type Take = (payload: unknown) => Promise<void>;

export interface Offset {
  readonly partition: number;
  readonly offset: string;
}

interface FakeMessage {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

interface Retry {
  restartOnFailure?(error: Error): Promise<boolean>;
}

/** Plays a group of one topic with one consumer. */
export class FakeKafka {
  /** The positions that the group has committed. */
  committed: Offset[] = [];

  /** What the client was told, in order. */
  readonly log: string[] = [];

  /** Fails commits. */
  failure: Error | undefined;

  /** Whether the consumer is in its group: commits of one that is not are taken, and come to nothing. */
  isInGroup = true;

  /** How long it takes to join the group. */
  joining: Promise<void> | undefined;

  /** How many questions for the positions of the group have no answer. */
  unanswered = 0;

  /** Whether the producer has lost its way: only to connect anew helps. */
  isLost = false;

  /** How long requests of a topic take. */
  readonly answers = new Map<string, Promise<void>>();

  /** Fails what is sent. */
  refusals: Error[] = [];
  sent = 0;

  /** The requests that have come, refused ones too: values and partitions. */
  readonly requests: (readonly (readonly [value: string, partition: number])[])[] = [];
  readonly keys: (Uint8Array | null)[] = [];
  #stored = 7;
  readonly #listeners = new Map<string, Listener>();
  #take: Take | undefined;
  #retry: Retry = {};

  /** The group gives these partitions of the topic to the consumer. */
  join(topic: string, partitions: readonly number[]): void {
    this.#listeners.get('consumer.group_join')?.({ payload: { memberAssignment: { [topic]: partitions } } });
  }

  /** Messages come, with these positions as values. */
  async bring(partition: number, positions: readonly number[]): Promise<void> {
    const messages = positions.map((position) => ({
      key: null,
      value: Buffer.from(String(position)),
      offset: String(position),
      timestamp: String(position),
    }));
    await this.#take?.({ batch: { partition, messages }, resolveOffset: () => undefined, isStale: () => false });
  }

  /** The client gives up, unless it begins anew by itself. */
  crash(error: Error & { readonly retriable?: boolean }): void {
    void (async () => {
      const restart = error.retriable === true && (await this.#retry.restartOnFailure?.(error)) !== false;
      this.#listeners.get('consumer.crash')?.({ payload: { error, restart } });
    })();
  }

  consumer({ retry }: { retry: Retry }): object {
    this.#retry = retry;
    const tell = (what: string): void => void this.log.push(what);
    return {
      connect: async () => tell('connect'),
      disconnect: async () => tell('disconnect'),
      subscribe: async () => undefined,
      run: async ({ eachBatch }: { eachBatch: Take }) => {
        this.#take = eachBatch;
        tell('run');
        await this.joining;
      },
      commitOffsets: async (offsets: readonly Offset[]) => {
        if (this.failure) throw this.failure;
        if (!this.isInGroup) return;
        for (const { partition, offset } of offsets) tell(`commit ${partition}:${offset}`);
        this.#listeners.get('consumer.commit_offsets')?.({ payload: {} });
      },
      seek: ({ partition, offset }: Offset) => tell(`seek ${partition}:${offset}`),
      pause: () => undefined,
      resume: () => undefined,
      on: (event: string, listener: Listener) => void this.#listeners.set(event, listener),
    };
  }

  /** Partitions are chosen as by the client that is played, in a cluster that has two of each topic. */
  producer({ createPartitioner }: { createPartitioner: () => (chosen: unknown) => number }): object {
    const choose = createPartitioner();
    const partitionMetadata = [{ partitionId: 0 }, { partitionId: 1 }];
    return {
      connect: async () => {
        this.isLost = false;
        this.log.push('connect');
      },
      disconnect: async () => void this.log.push('disconnect'),
      send: async ({ topic, messages }: { topic: string; messages: readonly FakeMessage[] }) => {
        this.requests.push(
          messages.map((message) => [
            Buffer.from(message.value ?? []).toString(),
            choose({ topic, partitionMetadata, message }),
          ]),
        );
        this.keys.push(...messages.map(({ key }) => key));
        const refusal = this.refusals.shift();
        if (refusal) throw refusal;
        await this.answers.get(topic);
        if (this.isLost) throw new Error('not connected');
        this.sent += messages.length;
        const baseOffset = String(this.#stored);
        this.#stored += messages.length;
        return [0, 1].map((partition) => ({ partition, baseOffset }));
      },
    };
  }

  admin(): object {
    return {
      connect: async () => undefined,
      disconnect: async () => undefined,
      fetchTopicOffsets: async () => [0, 1].map((partition) => ({ partition, low: '0', high: '1000' })),
      fetchTopicOffsetsByTimestamp: async () => [],
      fetchOffsets: async () => {
        if (this.unanswered-- > 0) throw Object.assign(new Error('broker away'), { retriable: true });
        return [{ partitions: this.committed }];
      },
    };
  }
}

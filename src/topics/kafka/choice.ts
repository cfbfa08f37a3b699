/** Chooses the partitions of messages, and remembers them. @module */

import { argumentError } from '../../base/errors.ts';
import type { KafkaRecord } from './batch.ts';
import type { KafkaPartitioner } from './client-types.ts';
import { kafkaPartitionOf } from './partitioner.ts';

type Chosen = Parameters<KafkaPartitioner>[0];

/** What makes the partitioner of a producer, of one that the user has given if there is one. */
export function choosing(given: unknown): () => KafkaPartitioner {
  return () => {
    const choose = typeof given === 'function' ? (given() as KafkaPartitioner) : ownChoice();
    return (chosen) => {
      const record = chosen.message as KafkaRecord;
      return (record.chosen = choose(chosen));
    };
  };
}

/** As other clients choose; messages without a key take turns. */
function ownChoice(): KafkaPartitioner {
  let turn = 0;
  return ({ topic, partitionMetadata, message }) => {
    const record = message as KafkaRecord;
    const { partition, chosen, key } = record;
    const count = partitionMetadata.length;
    if (partition !== undefined) return partition < count ? partition : refuse(topic, record, count);
    if (chosen !== undefined && chosen < count) return chosen;
    return key ? kafkaPartitionOf(key, count) : turn++ % count;
  };
}

/** Nothing of the request has gone out then. */
function refuse(topic: Chosen['topic'], record: KafkaRecord, count: number): never {
  const words = `Cannot send to partition ${record.partition} of the topic ${topic}: it has ${count}, from 0`;
  record.refusal = argumentError(words);
  throw record.refusal;
}

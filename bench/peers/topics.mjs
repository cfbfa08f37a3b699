/** Messages through a broker, by offloop or by the bare client. @module */

const window = 256;

/** Runs `one` for each number below `count`, so many at once. */
async function manyAtOnce(count, one) {
  let next = 0;
  const run = async () => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: Math.min(window, count) }, run));
}

const value = (n) => ({ id: n, name: 'a name' });
let last = 0;

async function throughTopics(transport) {
  const { topic } = await import('offloop/topics');
  const { stream } = await import('offloop/streams');
  const codec = {
    encode: (it) => Buffer.from(JSON.stringify(it)),
    decode: ({ buffer, byteOffset, byteLength }) => JSON.parse(Buffer.from(buffer, byteOffset, byteLength).toString()),
  };
  return () => {
    const orders = topic(`bench-${process.pid}-${(last += 1)}`, { transport, group: 'g', codec });
    return {
      publish: (count) => manyAtOnce(count, (n) => orders({ key: `key ${n % 100}`, value: value(n) })),
      async consume(count) {
        let sum = 0;
        await stream(orders)
          .take(count)
          .forEach((it) => void (sum += it.id));
        return sum;
      },
      close: () => orders.close(),
    };
  };
}

const ways = {
  async memory() {
    const { memory } = await import('offloop/topics');
    return throughTopics(memory({ maxSize: Infinity }));
  },

  async channel() {
    const { channel, stream } = await import('offloop/streams');
    return () => {
      const items = channel({ maxSize: Infinity });
      return {
        publish: (count) => manyAtOnce(count, (n) => items.send(value(n), { key: `key ${n % 100}` })),
        async consume(count) {
          let sum = 0;
          await stream(items)
            .take(count)
            .forEach((it) => void (sum += it.id));
          return sum;
        },
        close: async () => items.end(),
      };
    };
  },

  async nats() {
    const { nats } = await import('offloop/nats');
    const { natsServer } = await import('./nats-server.mjs');
    return throughTopics(nats({ servers: await natsServer() }));
  },

  async 'bare nats'() {
    const { connect, headers, nuid } = await import('@nats-io/transport-node');
    const { AckPolicy, jetstream, jetstreamManager } = await import('@nats-io/jetstream');
    const { natsServer } = await import('./nats-server.mjs');
    const connection = await connect({ servers: await natsServer() });
    const [client, manager] = [jetstream(connection), await jetstreamManager(connection)];
    return () => {
      const name = `bench-${process.pid}-${(last += 1)}`;
      const begun = (async () => {
        await manager.streams.add({ name, subjects: [name] });
      })();
      return {
        async publish(count) {
          await begun;
          await manyAtOnce(count, (n) => {
            const head = headers();
            head.append('key', `key ${n % 100}`);
            return client.publish(name, JSON.stringify(value(n)), { headers: head, msgID: nuid.next() });
          });
        },
        async consume(count) {
          const config = { durable_name: 'g', ack_policy: AckPolicy.Explicit, max_ack_pending: -1 };
          await manager.consumers.add(name, config);
          const consumer = await client.consumers.get(name, 'g');
          const messages = await consumer.consume({ max_messages: window });
          let sum = 0;
          let left = count;
          for await (const message of messages) {
            // An event has its key.
            if (message.headers?.get('key') === '') throw new Error('There is no key');
            sum += message.json().id;
            message.ack();
            if ((left -= 1) === 0) break;
          }
          await messages.close();
          await connection.flush();
          return sum;
        },
        async close() {},
      };
    };
  },
};

/** A client of one mock broker, as long as this process runs. */
async function kafkaClient() {
  const { Kafka, logLevel } = await import('kafkajs');
  const { kafkaMock } = await import('./kafka-mock.mjs');
  return new Kafka({ brokers: [await kafkaMock()], logLevel: logLevel.NOTHING });
}

/**
 * Sends messages of many callers, as a program would that has the bare client: one request for those of a turn, one request at
 * a time, so that their order stays, and a promise for each message.
 */
function gathering(producer, topic) {
  let waiting = [];
  let isBusy = false;
  const drain = async () => {
    while (waiting.length > 0) {
      const sent = waiting;
      waiting = [];
      try {
        await producer.send({ topic, messages: sent.map(({ message }) => message) });
        for (const { resolve } of sent) resolve();
      } catch (error) {
        for (const { reject } of sent) reject(error);
      }
    }
    isBusy = false;
  };
  return (message) =>
    new Promise((resolve, reject) => {
      waiting.push({ message, resolve, reject });
      if (isBusy) return;
      isBusy = true;
      queueMicrotask(() => void drain());
    });
}

/** What the mock needs to answer in time. */
const consumerOptions = { maxWaitTimeInMs: 200, sessionTimeout: 6000, rebalanceTimeout: 6000 };

Object.assign(ways, {
  async kafka() {
    const { kafka } = await import('offloop/kafka');
    return throughTopics(kafka({ client: await kafkaClient(), consumer: consumerOptions }));
  },

  async 'bare kafka'() {
    const client = await kafkaClient();
    const producer = client.producer();
    await producer.connect();
    return () => {
      const topic = `bench-${process.pid}-${(last += 1)}`;
      return {
        async publish(count) {
          const send = gathering(producer, topic);
          await manyAtOnce(count, (n) => send({ key: `key ${n % 100}`, value: JSON.stringify(value(n)) }));
        },
        async consume(count) {
          const consumer = client.consumer({ ...consumerOptions, groupId: topic });
          await consumer.connect();
          await consumer.subscribe({ topics: [topic], fromBeginning: true });
          let sum = 0;
          let left = count;
          await new Promise((resolve) => {
            const eachMessage = async ({ message }) => {
              sum += JSON.parse(message.value.toString()).id;
              if ((left -= 1) === 0) resolve();
            };
            void consumer.run({ eachMessage });
          });
          await consumer.disconnect();
          return sum;
        },
        async close() {},
      };
    };
  },
});

export async function open({ way }) {
  const make = await ways[way]();
  return { runsOnMain: true, make, close() {} };
}

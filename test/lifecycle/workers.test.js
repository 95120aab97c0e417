'use strict';

// Any number of JavaScript environments in one process, each with state of its own.

const { EmbeddedKafka, Kafka, logLevel } = require('../../lib');
const { runProgram, endPrograms } = require('./support/program');

let cluster;
let number = 0;

beforeAll(async () => {
  cluster = await EmbeddedKafka.start({ partitions: 2 });
});
afterEach(endPrograms);
afterAll(() => cluster.stop());

/** A topic that holds messages, so that a consumer has something to do at once. */
async function filledTopic() {
  const topic = `workers-${number++}`;
  for (const name of [topic, `${topic}-sent`, `${topic}-main`]) {
    cluster.createTopic({ topic: name, partitions: 2 });
  }
  const kafka = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING });
  const producer = kafka.producer();
  await producer.connect();
  const messages = Array.from({ length: 50 }, (_, i) => ({ key: `${i}`, value: 'v' }));
  await producer.send({ topic, messages });
  await producer.disconnect();
  return topic;
}

async function report(name, nodeArgs) {
  const end = await runProgram(name, [cluster.bootstrapServers, await filledTopic()], { nodeArgs });
  expect(end).toMatchObject({ code: 0, signal: null, stderr: '', hung: false });
  return JSON.parse(end.stdout);
}

test('several workers each produce and consume at the same time', async () => {
  expect(await report('workers-together')).toEqual([0, 0, 0, 0]);
});

test('a worker may end in good order, by process.exit() or by an error; the main thread goes on', async () => {
  expect(await report('worker-ends')).toEqual({
    complete: { code: 0 },
    exiting: { code: 0 },
    throwing: { code: 1, error: 'of the worker' },
  });
});

test('terminate() in any state: the clients of the main thread go on', async () => {
  const { terminated, sent, received } = await report('worker-states');
  expect(terminated).toBe(21);
  expect(received).toBe(sent);
});

test('workers made and terminated leave no threads, descriptors or memory', async () => {
  const { idleThreads, idleDescriptors, state, grownMb, quietMb } = await report('worker-rounds', [
    '--expose-gc',
  ]);
  expect(state.threads).toBeLessThanOrEqual(idleThreads);
  expect(state.descriptors).toBeLessThanOrEqual(idleDescriptors + 2);
  expect(Math.min(...grownMb)).toBeLessThanOrEqual(quietMb);
});

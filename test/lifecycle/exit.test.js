'use strict';

// A process that ends without disconnect(): by itself, by process.exit(), by an error, by a signal.

const { EmbeddedKafka, Kafka, logLevel } = require('../../lib');
const { startProgram, runProgram, endPrograms } = require('./support/program');

const PROMPT_MS = 20_000; // what waits for something waits for longer, or for ever

let cluster;

beforeAll(async () => {
  cluster = await EmbeddedKafka.start({ topics: [{ topic: 'filled', partitions: 1 }] });
  const kafka = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING });
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({
    topic: 'filled',
    messages: Array.from({ length: 100 }, () => ({ value: 'v' })),
  });
  await producer.disconnect();
});

afterEach(endPrograms);
afterAll(() => cluster.stop());

/** Starts a consumer; resolves to how it ended and how long that took after its first message. */
async function consumerThatEnds(mode) {
  const program = startProgram('consumer', [cluster.bootstrapServers, 'filled', mode]);
  await program.line('consuming');
  const started = Date.now();
  const end = await program.ended;
  return { ...end, tookMs: Date.now() - started };
}

test('an idle connected producer does not keep the process', async () => {
  const end = await runProgram('idle-producer', [cluster.bootstrapServers, 'sent']);
  expect(end).toMatchObject({ code: 0, stdout: 'sent\n', stderr: '', hung: false });
});

test('a send that nobody waits for keeps the process until it is acknowledged', async () => {
  const end = await runProgram('unawaited-send', [cluster.bootstrapServers, 'filled-too']);
  expect(end).toMatchObject({ code: 0, stderr: '', hung: false });
  expect(end.stdout).toMatch(/^acknowledged in [1-9]/);
});

test('a running consumer keeps the process, and SIGTERM ends it', async () => {
  const program = startProgram('consumer', [cluster.bootstrapServers, 'filled', 'stay']);
  await program.line('consuming');
  // The process could have ended by itself long before another one has come and gone.
  await runProgram('idle-producer', [cluster.bootstrapServers, 'sent']);
  expect(program.isOver()).toBe(false);
  const started = Date.now();
  program.child.kill('SIGTERM');
  const end = await program.ended;
  expect(Date.now() - started).toBeLessThan(PROMPT_MS);
  expect(end).toMatchObject({ code: null, signal: 'SIGTERM', stderr: '' });
});

test.each([
  ['inside a handler', 'exit', 7],
  ['in a later turn', 'exit-later', 8],
])('process.exit() %s ends at once with its code', async (_, mode, code) => {
  const end = await consumerThatEnds(mode);
  expect(end).toMatchObject({ code, signal: null, stderr: '', hung: false });
  expect(end.tookMs).toBeLessThan(PROMPT_MS);
});

test.each([
  ['an uncaught exception', 'uncaught', 'not caught'],
  ['an unhandled rejection', 'rejection', 'not handled'],
])('%s ends the process with code 1 and nothing of ours on stderr', async (_, mode, message) => {
  const end = await consumerThatEnds(mode);
  expect(end).toMatchObject({ code: 1, signal: null, hung: false });
  expect(end.tookMs).toBeLessThan(PROMPT_MS);
  expect(end.stderr).toContain(`Error: ${message}`);
  expect(end.stderr).not.toMatch(/rdkafka|easyflow_kafka|"level":/);
});

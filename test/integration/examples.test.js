'use strict';

const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const { ExampleStage } = require('../unit/support/example-program');

jest.setTimeout(300_000);

const servers = process.env.EASYFLOW_TEST_BOOTSTRAP;
let stage;
beforeEach(() => {
  stage = new ExampleStage({ KAFKA_BOOTSTRAP_SERVERS: servers });
});
afterEach(() => stage.close());

async function succeeded(program) {
  expect(`${await program.ended()} ${program.stderr}`).toMatch(/^0 /);
  return program;
}

test('the demo on a real cluster, twice: each run counts its own messages', async () => {
  for (let round = 0; round < 2; round += 1) {
    const { stdout, stderr } = await succeeded(
      stage.start('demo.js', ['--tasks', '200', '--rate', '0']),
    );
    expect(stderr).toMatch(/Using Kafka at .*\(KAFKA_BOOTSTRAP_SERVERS\)/);
    expect(stdout).toMatch(/^automation-tasks +200 +200 /m);
    expect(stdout).toMatch(/nothing lost, nothing doubled/);
  }
});

test('lines go in by kcat and out by us, and the other way round, with one checksum', async () => {
  const lines = Array.from({ length: 50_000 }, (_, at) => `${at} ${'x'.repeat(100)}`).join('\n');
  const kcatOutput = async (topic) => {
    const args = ['-C', '-e', '-q', '-o', 'beginning', '-b', servers, '-t', topic];
    return (await promisify(execFile)('kcat', args, { maxBuffer: 1 << 28 })).stdout;
  };
  const copy = async (args, input) =>
    (await succeeded(stage.start('copy-lines.js', args, { input }))).stdout;

  const expected = await copy(['checksum'], lines);
  const out = `examples-out-${process.pid}`;
  expect(await copy(['produce', '--topic', out], lines)).toBe(expected);
  expect(await copy(['checksum'], await kcatOutput(out))).toBe(expected);

  const topic = `examples-in-${process.pid}`;
  await succeeded(stage.start('admin.js', ['--create', topic]));
  await new Promise((resolve, reject) => {
    const args = ['-P', '-b', servers, '-t', topic, '-p', '-1'];
    const kcat = execFile('kcat', args, (error) => (error ? reject(error) : resolve()));
    kcat.stdin.end(lines);
  });
  for (const handler of ['each-batch', 'each-message']) {
    expect(await copy(['consume', '--topic', topic, '--handler', handler])).toBe(expected);
  }
});

test('a consumer that is interrupted and started again loses and doubles nothing', async () => {
  const topic = `examples-interrupt-${process.pid}`;
  const producer = stage.start('producer.js', [
    ...['--topic', topic, '--count', '200', '--interval', '5'],
  ]);
  await producer.until(({ lines }) => lines.length > 0);
  const seen = [];
  for (const enough of [40, Infinity]) {
    const consumer = stage.start('consumer.js', ['--topic', topic, '--group', topic]);
    if (enough === Infinity) await succeeded(producer); // what it could not send nobody can wait for
    await consumer.until(
      ({ lines, stderr }) =>
        stderr.includes('Waiting for') &&
        (lines.length >= enough || seen.length + lines.length >= 200),
      'enough messages',
    );
    consumer.kill('SIGINT');
    await succeeded(consumer);
    seen.push(...consumer.lines.map((line) => line.split(' ')[1]));
  }
  await succeeded(producer);
  expect(new Set(seen).size).toBe(200);
  expect(seen.length).toBe(200);
});

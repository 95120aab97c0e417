'use strict';

// `npm run setup-topics` and `test-kafka`, as the documents of OfficeFlow and the Task Manager have them run.

const path = require('node:path');
const { EmbeddedKafka } = require('../../lib');
const { scripts } = require('../../package.json');
const { ExampleStage } = require('./support/example-program');
const { freePort } = require('./support/free-port');

let cluster;
let stage;
beforeAll(async () => {
  cluster = await EmbeddedKafka.start({ topics: [{ topic: 'there', partitions: 1 }] });
});
afterAll(() => cluster?.stop());
beforeEach(() => {
  stage = new ExampleStage({ KAFKA_BROKERS: cluster.bootstrapServers });
});
afterEach(() => stage.close());

/** What the script of package.json runs once the package is built. */
async function run(name, env) {
  const [, command] = /^node scripts\/bootstrap\.js && exec node (.+)$/.exec(scripts[name]);
  const [file, ...args] = command.split(' ');
  const program = stage.start(path.resolve(__dirname, '../..', file), args, { env });
  await program.ended();
  return program;
}

test('test-kafka lists the topics', async () => {
  const { exit, stdout, stderr } = await run('test-kafka');
  expect([exit, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Available topics: (.*, )?there(,.*)?\n$/);
});

test('test-kafka ends with 1 where nobody answers, with 2 for a wrong setting', async () => {
  const port = await freePort();
  const away = await run('test-kafka', { KAFKA_BROKERS: `127.0.0.1:${port}` });
  expect(`${away.exit} ${away.stderr}`).toMatch(/^1 .*easyflow-kafka doctor\n.*refused/);
  const wrong = await run('test-kafka', { KAFKA_SSL_ENABLED: 'maybe' });
  expect(`${wrong.exit} ${wrong.stderr}`).toMatch(/^2 .*KAFKA_SSL_ENABLED: expected true or false/);
});

test('setup-topics makes the platform’s topics, the demo organization’s and the groups', async () => {
  const first = await run('setup-topics', { DEMO_ORG_ID: 'demo-org-123' });
  expect(`${first.exit} ${first.stderr}`).toBe('0 ');
  expect(first.stdout).toMatch(/^created +workflow-engine +workflow\.run\.request/m);
  expect(first.stdout).not.toMatch(/^skipped/m);
  const topics = (await run('test-kafka')).stdout.trim().split(/: |, /);
  expect(topics).toEqual(
    expect.arrayContaining([
      'employee.onboard.demo-org-123',
      'audit.events',
      'dlq.email.send.request',
    ]),
  );
  const { stdout } = await run('setup-topics');
  expect(stdout).not.toMatch(/^created +[a-z.]+ *$/m);
  expect(stdout).toMatch(/^skipped +employee\.onboard\.\{org\} .*--org/m);
});

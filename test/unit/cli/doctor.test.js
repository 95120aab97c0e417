'use strict';

// What needs no TLS and no login; those are in test/integration/cli.test.js.

const { EmbeddedKafka } = require('../../../lib');
const { checkAdvertised } = require('../../../lib/cli/doctor');
const { CliStage } = require('../support/cli');
const { freePort } = require('../support/free-port');

let cluster;
let stage;
beforeAll(async () => {
  cluster = await EmbeddedKafka.start();
});
afterAll(() => cluster.stop());
beforeEach(() => {
  stage = new CliStage();
});
afterEach(() => stage.close());

async function doctor(brokers, env) {
  const { exit, stdout } = await stage.run(['doctor', '--brokers', brokers, '--json'], { env });
  const document = JSON.parse(stdout);
  expect(exit).toBe(document.ok ? 0 : 3);
  return document.steps;
}
const failed = (steps) => steps.filter(({ status }) => status === 'failed');

test('a connection that works, in words', async () => {
  const { exit, stdout } = await stage.run(['doctor'], {
    env: { KAFKA_BROKERS: cluster.bootstrapServers },
  });
  expect(exit).toBe(0);
  expect(stdout).toContain(`brokers = ${cluster.bootstrapServers} (KAFKA_BROKERS)`);
  expect(stdout).toMatch(/^ok +advertised .*reached above\n[\s\S]*The connection works\.\n$/m);
});

test('an unknown name and a closed port, each with what to do; what follows is left out', async () => {
  const port = await freePort();
  const steps = await doctor(`127.0.0.1:${port},nohost.invalid:9092`);
  expect(failed(steps)).toMatchObject([
    { step: 'tcp', cause: expect.stringMatching(/ECONNREFUSED/), advice: expect.any(String) },
    { step: 'dns', cause: expect.stringMatching(/nohost\.invalid/), advice: expect.any(String) },
  ]);
  expect(steps.map(({ step }) => step)).not.toContain('kafka');
});

test('settings that contradict each other: nothing is tried', async () => {
  const env = { KAFKA_SECURITY_PROTOCOL: 'SASL_SSL', KAFKA_SASL_USERNAME: 'u' };
  const steps = await doctor('127.0.0.1:1', env);
  expect(steps).toHaveLength(1);
  expect(steps[0].cause).toMatch(/needs KAFKA_SASL_PASSWORD/);
});

test('TLS to a port without, a login to a listener without', async () => {
  const tls = await doctor(cluster.bootstrapServers, { KAFKA_SSL_ENABLED: 'true' });
  expect(failed(tls)).toMatchObject([
    { step: 'tls', advice: expect.stringMatching(/may speak no TLS/) },
  ]);
  const login = await doctor(cluster.bootstrapServers, {
    KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT',
    KAFKA_SASL_USERNAME: 'u',
    KAFKA_SASL_PASSWORD: 'hush-hush',
  });
  expect(failed(login)).toMatchObject([
    { step: 'kafka', advice: expect.stringMatching(/KAFKA_SECURITY_PROTOCOL=PLAINTEXT/) },
  ]);
  expect(JSON.stringify(login)).not.toMatch(/hush/);
});

test('a broker that sends clients where nobody is', async () => {
  const port = await freePort();
  // No broker of ours gives another address than its own.
  const admin = {
    describeCluster: async () => ({
      brokers: [{ nodeId: 2, host: '127.0.0.1', port }],
      clusterId: 'c',
      controller: null,
    }),
  };
  const steps = [];
  const add = (step, target, result) => steps.push({ step, target, ...result });
  await checkAdvertised(admin, new Set(['kafka:9092']), { ssl: false }, add);
  expect(failed(steps)).toMatchObject([
    {
      step: 'advertised',
      target: `127.0.0.1:${port}`,
      cause: expect.stringMatching(/ECONNREFUSED/),
      advice: expect.stringMatching(/advertised\.listeners/),
    },
  ]);
});

'use strict';

// What of the command needs a real broker: settings, groups, offsets by time, logins.

const fs = require('node:fs');
const path = require('node:path');
const { Kafka, logLevel } = require('../../lib');
const { startKafka } = require('../../scripts/real-kafka');
const { CliStage } = require('../unit/support/cli');

jest.setTimeout(240_000);

let stage;
afterEach(() => stage.close());

describe('on a cluster', () => {
  const brokers = process.env.EASYFLOW_TEST_BOOTSTRAP;
  const unique = `cli-${process.pid}-${Date.now()}`;
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  let number = 0;

  beforeAll(() => admin.connect());
  afterAll(() => admin.disconnect());
  beforeEach(() => {
    stage = new CliStage({ KAFKA_BROKERS: brokers });
  });

  async function newTopic(partitions = 1) {
    const topic = `${unique}-${(number += 1)}`;
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions }] });
    return topic;
  }

  const produce = (topic, records) =>
    stage.output(['produce', topic], { input: records.map((r) => JSON.stringify(r)).join('\n') });

  /** A catalog of one topic that no other test has. */
  function writeCatalog(values) {
    const file = path.join(stage.folder, 'small.json');
    const catalog = {
      name: 'small',
      version: '1.0.0',
      topics: [
        { id: `${unique}.made`, envelope: 'bare', events: 'made', partitions: 2, ...values },
        { id: `${unique}.of`, name: `${unique}.of.{org}`, envelope: 'bare', events: 'made' },
      ],
      parameters: { org: { description: 'organization' } },
      events: { made: { schema: {} } },
      groups: [{ id: `${unique}-begun`, topics: `${unique}.made`, from: 'earliest' }],
    };
    fs.writeFileSync(file, JSON.stringify(catalog));
    return file;
  }

  test('topics setup makes what is missing, compares the rest, alters retention when told', async () => {
    const name = `${unique}.made`;
    const first = writeCatalog({ retentionMs: 60_000 });
    const made = await stage.json(['topics', 'setup', '--catalog', first, '--groups']);
    expect(made).toMatchObject({
      topics: { created: [name], skipped: [{ name: `${unique}.of.{org}`, missing: ['org'] }] },
      groups: { created: [{ group: `${unique}-begun`, topic: name }] },
    });
    const second = writeCatalog({ retentionMs: 120_000 });
    const setup = ['topics', 'setup', '--catalog', second, '--org', 'acme'];
    const text = await stage.output(setup);
    expect(text).toMatch(new RegExp(`created +${unique}\\.of\\.acme`));
    expect(text).toMatch(/different .*retention\.ms is 60000, the catalog says 120000/);
    await stage.output([...setup, '--alter-retention']);
    const [described] = await stage.json(['topics', 'describe', name]);
    expect(described).toMatchObject({
      topic: name,
      settings: { 'retention.ms': '120000' },
      partitions: [
        { partition: 0, leader: 1, replicas: [1], inSync: [1], low: '0', high: '0' },
        { partition: 1 },
      ],
    });
    expect(await stage.json(['topics', 'list'])).toContainEqual({
      topic: name,
      partitions: 2,
      replicationFactor: 1,
    });
  });

  test('groups, lag and offsets reset', async () => {
    const topic = await newTopic(2);
    const group = `${topic}-group`;
    const early = '2026-01-01T00:00:00.000Z';
    const late = '2026-02-01T00:00:00.000Z';
    await produce(topic, [
      { value: 'a', partition: 0, timestamp: early },
      { value: 'b', partition: 0, timestamp: late },
      { value: 'c', partition: 1, timestamp: early },
    ]);
    const member = stage.begin(['consume', topic, '--group', group, '--from', 'beginning']);
    await member.until(({ lines }) => lines.length === 3, 'all messages');
    const described = await stage.json(['groups', 'describe', group]);
    expect(described).toMatchObject({
      state: 'Stable',
      members: [
        {
          partitions: [
            { topic, partition: 0 },
            { topic, partition: 1 },
          ],
        },
      ],
    });
    const reset = ['offsets', 'reset', group, '--topic', topic];
    const busy = await stage.run([...reset, '--to', 'earliest', '--execute']);
    expect(`${busy.exit} ${busy.stderr}`).toMatch(/^1 .*must have no running instances/);
    member.kill('SIGINT');
    expect(await member.ended()).toBe(0);
    expect((await stage.json(['groups', 'list'])).map((each) => each.group)).toContain(group);

    const lag = async () => (await stage.json(['lag', group])).lag;
    expect(await lag()).toBe('0');
    const dry = await stage.run([...reset, '--to', 'earliest']);
    expect(dry.stderr).toMatch(/Nothing was changed/);
    expect(await lag()).toBe('0');
    const moved = async (...args) =>
      (await stage.json([...reset, ...args, '--execute'])).offsets.map(({ to }) => to);
    expect(await moved('--to', 'earliest')).toEqual(['0', '0']);
    expect(await lag()).toBe('3');
    expect(await moved('--to', '2026-01-15T00:00:00Z')).toEqual(['1', '1']);
    expect(await moved('--shift=-5')).toEqual(['0', '0']);
    expect(await moved('--shift', '1')).toEqual(['1', '1']);
    expect(await moved('--to', '7')).toEqual(['2', '1']);
    const some = ['offsets', 'reset', group, '--topic', `${topic}:1`, '--to', '0', '--execute'];
    expect((await stage.json(some)).offsets).toEqual([{ topic, partition: 1, from: '1', to: '0' }]);
    expect(await lag()).toBe('1');
  });

  test('a group or a topic that is not there is no empty table', async () => {
    for (const args of [
      ['lag', 'nobody'],
      ['groups', 'describe', 'nobody'],
      ['topics', 'describe', 'nothing'],
      ['consume', 'nothing', '--exit'],
    ]) {
      const { exit, stdout, stderr } = await stage.run(args);
      expect([exit, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^easyflow-kafka: There is no (group nobody|topic nothing)[^\n]*\n$/);
    }
  });

  test('consume begins at a time, and ends behind a transaction’s marker', async () => {
    const topic = await newTopic();
    await produce(topic, [
      { value: 'before', timestamp: '2026-01-01T00:00:00Z' },
      { value: 'after', timestamp: '2026-02-01T00:00:00Z' },
    ]);
    const producer = kafka.producer({ transactionalId: topic, maxInFlightRequests: 1 });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ value: 'committed' }] });
    await transaction.commit();
    await producer.disconnect();
    const args = ['consume', topic, '--exit', '--from', '2026-01-15T00:00:00Z'];
    const records = await stage.lines(args);
    expect(records.map(({ value }) => value)).toEqual(['after', 'committed']);
  });

  test('doctor says what this user may do', async () => {
    const topic = await newTopic();
    const args = ['doctor', '--topic', topic, '--topic', `${topic}-not`, '--json'];
    const { exit, stdout } = await stage.run(args);
    expect(exit).toBe(3);
    const { steps } = JSON.parse(stdout);
    const of = (target) => steps.find((step) => step.target === target);
    expect(of(`topic ${topic}`)).toMatchObject({
      status: 'ok',
      detail: expect.stringMatching(/READ/),
    });
    expect(of(`topic ${topic}-not`)).toMatchObject({
      status: 'failed',
      advice: expect.stringMatching(/Create it/),
    });
    expect(steps.find(({ step }) => step === 'cluster').detail).toMatch(/controller 1/);
  });
});

describe('doctor on listeners with TLS and logins', () => {
  let cluster;
  beforeAll(async () => {
    cluster = await startKafka({
      tls: true,
      listeners: [
        'SSL',
        { name: 'MUTUAL', protocol: 'SSL' },
        'SASL_SSL',
        { name: 'LOGIN', protocol: 'SASL_PLAINTEXT' },
      ],
      users: [{ name: 'sam', mechanism: 'SCRAM-SHA-256', password: 'scram-secret' }],
      properties: { 'listener.name.mutual.ssl.client.auth': 'required' },
    });
  });
  afterAll(() => cluster?.stop());
  beforeEach(() => {
    stage = new CliStage();
  });

  /** Runs doctor with these properties; @returns exit code and the last step, which is the one that failed */
  async function doctor(listener, properties, { host = '127.0.0.1' } = {}) {
    const file = path.join(stage.folder, 'client.properties');
    const brokers = cluster.listeners[listener].replace('127.0.0.1', host);
    const all = { 'bootstrap.servers': brokers, ...properties };
    const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
    fs.writeFileSync(file, lines.join(''));
    const { exit, stdout, stderr } = await stage.run(['doctor', '--config', file, '--json']);
    expect(`${stdout}${stderr}`).not.toMatch(/scram-secret|wrong-secret/);
    const { steps } = JSON.parse(stdout);
    return { exit, steps, last: steps.at(-1) };
  }

  const trusting = () => ({ 'ssl.ca.location': cluster.certificates.ca });
  const ssl = () => ({ 'security.protocol': 'SSL', ...trusting() });
  const sasl = (password = 'scram-secret') => ({
    'security.protocol': 'SASL_SSL',
    'sasl.mechanisms': 'SCRAM-SHA-256',
    'sasl.username': 'sam',
    'sasl.password': password,
    ...trusting(),
  });

  test('a connection that works: certificate, login', async () => {
    const { exit, steps } = await doctor('SASL_SSL', sasl());
    expect(exit).toBe(0);
    const tls = steps.find(({ step }) => step === 'tls');
    expect(tls.detail).toMatch(
      /TLSv1\.3, certificate of server, issued by test-ca, valid until \d{4}/,
    );
    expect(tls.detail).toContain(cluster.certificates.ca);
    expect(steps.find(({ step }) => step === 'kafka').detail).toMatch(/logged in as sam/);
    expect(steps.find(({ step }) => step === 'configuration').settings).toContainEqual({
      setting: 'sasl.password',
      value: '***',
      origin: expect.stringMatching(/client\.properties:5/),
    });
  });

  test.each([
    [
      'an authority that nobody trusts',
      'SSL',
      () => ({ 'security.protocol': 'SSL' }),
      'tls',
      /SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO/,
      /ssl\.ca\.location/,
    ],
    [
      'no client certificate',
      'MUTUAL',
      ssl,
      'tls',
      /CERTIFICATE_REQUIRED|BAD_CERTIFICATE/,
      /ssl\.certificate\.location/,
    ],
    ['TLS to a plain port', 'PLAINTEXT', ssl, 'tls', /./, /may speak no TLS/],
    ['plain text to a TLS port', 'SSL', () => ({}), 'kafka', /./, /KAFKA_SECURITY_PROTOCOL=SSL/],
    [
      'a wrong password',
      'SASL_SSL',
      () => sasl('wrong-secret'),
      'kafka',
      /[Aa]uthentication/,
      /Check user and password/,
    ],
    ['a login that was forgotten', 'LOGIN', () => ({}), 'kafka', /./, /SASL/],
  ])('%s', async (_what, listener, properties, step, cause, advice) => {
    const { exit, last } = await doctor(listener, properties());
    expect(exit).toBe(3);
    expect(last).toMatchObject({ step, status: 'failed' });
    expect(last.cause).toMatch(cause);
    expect(last.advice).toMatch(advice);
  });

  test('a client certificate is sent', async () => {
    const { clientCertificate, clientKey } = cluster.certificates;
    const own = { 'ssl.certificate.location': clientCertificate, 'ssl.key.location': clientKey };
    expect((await doctor('MUTUAL', { ...ssl(), ...own })).exit).toBe(0);
  });

  test('a name that the certificate does not have', async () => {
    const { exit, last } = await doctor('SSL', ssl(), { host: '127.1' });
    expect(exit).toBe(3);
    expect(last).toMatchObject({ step: 'tls', cause: expect.stringMatching(/ALTNAME_INVALID/) });
  });
});

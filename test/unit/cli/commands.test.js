'use strict';

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { EmbeddedKafka } = require('../../../lib');
const { catalogFile } = require('../../../lib/service');
const { CliStage } = require('../support/cli');

let stage;
beforeEach(() => {
  stage = new CliStage();
});
afterEach(() => stage.close());

describe('broker', () => {
  test('prints its address, makes the topics, and Ctrl-C ends it', async () => {
    const portFile = path.join(stage.folder, 'port');
    const args = ['--port-file', portFile, '--topic', 'tasks:3', '--catalog', 'task-manager'];
    const broker = stage.begin(['broker', ...args]);
    await broker.until(({ stdout }) => stdout.endsWith('\n'), 'its address');
    const address = broker.stdout.trim();
    expect(fs.readFileSync(portFile, 'utf8')).toBe(`${address}\n`);
    const topics = await stage.json(['topics', 'list', '--brokers', address]);
    expect(topics).toContainEqual({ topic: 'tasks', partitions: 3, replicationFactor: 1 });
    expect(topics.map(({ topic }) => topic)).toContain('task-status');
    broker.kill('SIGINT');
    expect(await broker.ended()).toBe(0);
    expect(fs.existsSync(portFile)).toBe(false);
  });
});

describe('topics', () => {
  let cluster;
  let connected;
  beforeAll(async () => {
    cluster = await EmbeddedKafka.start({ topics: [{ topic: 'there', partitions: 2 }] });
  });
  afterAll(() => cluster.stop());
  beforeEach(() => {
    connected = ['--brokers', cluster.bootstrapServers];
  });

  test('setup makes a catalog’s topics once', async () => {
    const setup = ['topics', 'setup', '--catalog', 'spm', ...connected];
    const first = await stage.json(setup);
    expect(first.topics.created).toContain('notification-events');
    const { topics } = await stage.json(setup);
    expect(topics.created).toEqual([]);
  });

  test('a variable renames a topic', async () => {
    const env = { TASK_STATUS_TOPIC: 'prod.task-status' };
    const setup = ['topics', 'setup', '--catalog', 'task-manager', ...connected];
    const { topics } = await stage.json(setup, { env });
    expect(topics.created).toEqual(
      expect.arrayContaining(['prod.task-status', 'dlq.prod.task-status']),
    );
  });

  test('describe', async () => {
    const text = await stage.output(['topics', 'describe', 'there', ...connected]);
    expect(text.split('\n')).toEqual([
      'there',
      'PARTITION  LEADER  REPLICAS  IN SYNC  FIRST OFFSET  NEXT OFFSET',
      '        0       1         1        1             0            0',
      '        1       1         1        1             0            0',
      '',
    ]);
  });

  test('what an embedded broker cannot do is said in one line', async () => {
    const { exit, stderr } = await stage.run(['groups', 'list', ...connected]);
    expect(exit).toBe(1);
    expect(stderr).toMatch(
      /^easyflow-kafka: This broker cannot do that: it is an embedded one.*\n$/,
    );
  });
});

describe('catalog', () => {
  function changed(change) {
    const catalog = JSON.parse(fs.readFileSync(catalogFile('spm'), 'utf8'));
    change(catalog);
    const file = path.join(stage.folder, 'changed.json');
    fs.writeFileSync(file, JSON.stringify(catalog));
    return file;
  }

  test('types and asyncapi, to stdout or a file', async () => {
    expect(await stage.output(['catalog', 'types', 'officeflow'])).toMatch(
      /export type EmployeeOnboard/,
    );
    const file = path.join(stage.folder, 'asyncapi.json');
    const args = ['catalog', 'asyncapi', 'spm', '--server', 'kafka:9092', '--output', file];
    expect(await stage.output(args)).toBe('');
    const document = JSON.parse(fs.readFileSync(file, 'utf8'));
    expect(document.asyncapi).toBe('3.0.0');
    expect(JSON.stringify(document.servers)).toContain('kafka:9092');
  });

  test('diff ends with 3 where something breaks', async () => {
    const file = changed((catalog) => catalog.topics.forEach((topic) => delete topic.env));
    expect((await stage.run(['catalog', 'diff', 'spm', file])).exit).toBe(0);
    const broken = changed((catalog) => {
      catalog.groups = [];
    });
    const { exit, stdout } = await stage.run(['catalog', 'diff', 'spm', broken, '--json']);
    expect(exit).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject([{ code: 'group-removed' }]);
  });

  test('check names every mistake, and ends with 3', async () => {
    expect(await stage.output(['catalog', 'check'])).toMatch(
      /^easyflow: ok[\s\S]*task-manager: ok/,
    );
    const file = changed((catalog) => {
      catalog.topics[0].partition = 3;
    });
    const { exit, stdout } = await stage.run(['catalog', 'check', file]);
    expect(exit).toBe(3);
    expect(stdout).toMatch(/1 mistakes\n.*did you mean "partitions"/);
  });

  test('acls in words', async () => {
    const args = ['catalog', 'acls', 'officeflow', '--principal', 'workflow-engine=User:CN=wf'];
    expect(await stage.json([...args, '--org', 'acme'])).toContainEqual({
      principal: 'User:CN=wf',
      operation: 'READ',
      resourceType: 'TOPIC',
      resourceName: 'employee.onboard.acme',
      patternType: 'LITERAL',
      host: '*',
      permission: 'ALLOW',
    });
  });
});

describe('mistakes of the caller: one line on stderr, nothing on stdout, exit code 2', () => {
  test.each([
    [['cosnume', 't'], {}, /unknown command 'cosnume' .*consume/],
    [['consume', 't', '--form', '1'], {}, /unknown option '--form' .*--from/],
    [['consume'], {}, /missing required argument 'topic'/],
    [['topics', 'list', '--brokers', 'nowhere'], {}, /--brokers: expected host:port/],
    [
      ['topics', 'list', '--brokers', 'a:1', '--bootstrap-servers', 'b:1'],
      {},
      /set only one of them/,
    ],
    [['topics', 'list'], {}, /KAFKA_BOOTSTRAP_SERVERS/],
    [['topics', 'list'], { KAFKA_BROKERS: 'nohost.invalid:9092' }, /nohost\.invalid/],
    [['groups', 'list', '--brokers', 'a:1', '--config', 'no.properties'], {}, /no\.properties/],
    [
      ['topics', 'setup', '--catalog', 'oficeflow', '--brokers', 'a:1'],
      {},
      /did you mean officeflow/,
    ],
    [['offsets', 'reset', 'g', '--to', 'end'], {}, /either --topic or --all-topics/],
    [['offsets', 'reset', 'g', '--all-topics'], {}, /either --to or --shift/],
    [['produce', 't', '--type', 'x'], {}, /--type and --catalog/],
    [['dlq', 'retry', '--brokers', 'a:1'], {}, /either places .* or --topic/],
    [['dlq', 'release', 'dlq.x', '--brokers', 'a:1'], {}, /<topic>\/<partition>\/<offset>/],
    [['dlq', 'retry', 'x/0/1', '--brokers', 'a:1', '--execute'], {}, /a topic like dlq\./],
  ])('%j %j', async (args, env, message) => {
    const { exit, stdout, stderr } = await stage.run(args, { env });
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('several wrong settings are several lines, no password among them', async () => {
    const env = {
      KAFKA_BROKERS: 'nowhere',
      KAFKA_SSL_ENABLED: 'maybe',
      KAFKA_SASL_PASSWORD: 'hush-hush',
    };
    const { exit, stderr } = await stage.run(['topics', 'list'], { env });
    expect(exit).toBe(2);
    expect(stderr).toMatch(/KAFKA_BROKERS: expected/);
    expect(stderr).toMatch(/KAFKA_SSL_ENABLED: expected true or false/);
    expect(stderr).not.toMatch(/hush/);
  });
});

test('a stack only where it was asked for', async () => {
  const args = ['topics', 'list', '--brokers', 'nowhere'];
  expect((await stage.run(args)).stderr).not.toMatch(/\n +at /);
  expect((await stage.run([...args, '--verbose'])).stderr).toMatch(/\n +at /);
});

test('interrupted before it was done: 130', async () => {
  // Nobody answers there, so that connecting goes on.
  const server = net.createServer().listen(0, '127.0.0.1');
  const asked = new Promise((resolve) => {
    server.once('connection', resolve);
  });
  const listening = new Promise((resolve) => {
    server.once('listening', resolve);
  });
  await listening;
  const program = stage.begin([
    'topics',
    'list',
    '--brokers',
    `127.0.0.1:${server.address().port}`,
  ]);
  const socket = await asked;
  program.kill('SIGINT');
  expect(await program.ended()).toBe(130);
  socket.destroy();
  server.close();
});

'use strict';

// examples/task-manager, as docs/examples.md has a user run it.

const os = require('node:os');
const { Client } = require('pg');
const { scripts } = require('../../package.json');
const { startPostgres } = require('../../scripts/postgres');
const { unique } = require('../shared/clients');
const { ExampleStage } = require('../unit/support/example-program');

jest.setTimeout(300_000);

let stage;
let postgres;
beforeEach(() => {
  stage = new ExampleStage({
    KAFKA_BOOTSTRAP_SERVERS: process.env.EASYFLOW_TEST_BOOTSTRAP,
    KAFKA_GROUP_ID: unique('task-manager'),
    KAFKA_SESSION_TIMEOUT: '10000',
    KAFKA_HEARTBEAT_INTERVAL: '500',
    TASK_STATUS_TOPIC: unique('task-status'),
    WEB_CRAWL_REQUEST_TOPIC: unique('requests'),
    TMPDIR: os.tmpdir(), // the stage's folder is closed to the user that PostgreSQL runs as
  });
});
afterEach(async () => {
  await stage.close();
  await postgres?.stop();
  postgres = undefined;
});

/** The program of an npm script, or one by its name. */
function start(name, args, env) {
  const script = scripts[name];
  if (script === undefined) return stage.start(`task-manager/${name}.js`, args, { env });
  const [, program] = /^node scripts\/bootstrap\.js && exec node examples\/(\S+)$/.exec(script);
  return stage.start(program, args, { env });
}

async function succeeded(program) {
  expect(`${await program.ended()} ${program.stderr}`).toMatch(/^0 /);
  return program;
}

async function rowsOf(connectionString) {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return (await client.query('SELECT * FROM task ORDER BY received_at')).rows;
  } finally {
    await client.end();
  }
}

const ends = ({ lines }) => lines.filter((line) => / (completed|error): /.test(line)).length;

test('requests become tasks, a worker does them, and each row follows the topic of status messages', async () => {
  const service = start('service');
  const worker = start('worker');
  await succeeded(start('publish-new-task'));
  await succeeded(start('publish-new-task', ['--url', 'https://nowhere.invalid']));
  const { lines } = await succeeded(start('test-task-updates'));
  const updated = lines[0].split(' ')[0];
  await service.until((program) => ends(program) === 4, 'the ends of four tasks');

  const [, connectionString] = /started PostgreSQL at (\S+)/.exec(service.stderr);
  const rows = await rowsOf(connectionString);
  const seen = rows.map(({ original_url, status, result, error, status_changes }) => ({
    url: original_url,
    end: `${status}: ${result ?? error}`,
    changes: status_changes,
  }));
  const completed = 'completed: Found 5 products matching criteria';
  const failed = 'error: Network timeout occurred';
  expect(seen).toEqual([
    { url: 'https://example.com', end: completed, changes: 2 },
    { url: 'https://nowhere.invalid', end: failed, changes: 2 },
    // Sent twice, each of the three messages.
    { url: 'https://example.com', end: completed, changes: 3 },
    { url: 'https://example.com', end: failed, changes: 3 },
  ]);
  expect(rows[2].id).toBe(updated);

  for (const program of [service, worker]) {
    program.kill('SIGINT');
    await succeeded(program);
  }
});

test('a service that is killed leaves the rest to the next one, and no row changes twice for a message', async () => {
  postgres = await startPostgres();
  const env = { DATABASE_URL: postgres.connectionString };
  const publisher = start('test-task-updates', ['--pairs', '20']);
  const first = start('service', [], env);
  await first.until((program) => program.lines.length >= 15, 'some changes');
  first.kill('SIGKILL');
  await first.closed;
  await succeeded(publisher);

  const second = start('service', [], env);
  const isDone = async () => {
    const rows = await rowsOf(postgres.connectionString);
    return rows.length === 40 && rows.every(({ finished_at }) => finished_at !== null);
  };
  await Promise.race([
    (async () => {
      while (!(await isDone())) await new Promise((resolve) => setTimeout(resolve, 100));
    })(),
    second.closed,
  ]);
  const rows = await rowsOf(postgres.connectionString);
  expect(rows.map(({ status_changes }) => status_changes)).toEqual(Array(40).fill(3));
  expect(rows.map(({ status }) => status).sort()).toEqual([
    ...Array(20).fill('completed'),
    ...Array(20).fill('error'),
  ]);
  second.kill('SIGINT');
  await succeeded(second);
});

'use strict';

// examples/easyflow and examples/python/easyflow: an API server, a worker in JavaScript and one in Python, as processes.

const { Kafka, logLevel } = require('../../lib');
const { TOPICS } = require('../../lib/presets/easyflow');
const { ExampleStage } = require('../unit/support/example-program');

const WAIT_MS = 60_000;
jest.setTimeout(4 * WAIT_MS);

const WORKERS = {
  javascript: 'easyflow/worker.js',
  python: 'python/easyflow/worker.py',
};

/** What other tests have left there are tasks too, and their topics may have one partition: one worker's. */
async function makeTopicsAnew() {
  const brokers = process.env.EASYFLOW_TEST_BOOTSTRAP.split(',');
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const existing = await admin.listTopics();
    const topics = Object.values(TOPICS);
    const old = topics.filter((topic) => existing.includes(topic));
    if (old.length > 0) await admin.deleteTopics({ topics: old });
    await admin.createTopics({
      topics: topics.map((topic) => ({ topic, numPartitions: 4 })),
      waitForLeaders: true,
    });
  } finally {
    await admin.disconnect();
  }
}

beforeAll(makeTopicsAnew);

let stage;
afterEach(() => stage.close());

async function startServer() {
  const server = stage.start('easyflow/server.js', ['--port', '0']);
  await server.until(({ stderr }) => stderr.includes('Listening on '), 'its port');
  const [, url] = /Listening on (http:\S+);/.exec(server.stderr);
  return { server, url };
}

async function startWorker(name) {
  const worker = stage.start(WORKERS[name]);
  await worker.until(({ stderr }) => stderr.includes('Waiting for tasks'), 'its assignment');
  return worker;
}

async function post(url, body) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/tasks`, { method: 'POST', headers, body });
  return { status: answer.status, ...(await answer.json()) };
}

const get = async (url) => (await fetch(url)).json();

/** Posts a task; resolves to what the API says of it once it knows result and last update. */
async function done(url, task) {
  const { taskId } = await post(url, JSON.stringify(task));
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const view = await get(`${url}/api/tasks/${taskId}`);
    const [first, last] = [view.updates.at(0), view.updates.at(-1)];
    if (view.result && first !== last && last.status === view.status) return view;
    if (Date.now() > deadline) throw new Error(`Not done: ${JSON.stringify(view)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const TASK = { script: 'data_processing.py', parameters: { rows: [1, 2, 3] } };

/** Tasks until one was done by this worker: which worker has which partition is the group's choice. */
async function doneBy(worker, url) {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const view = await done(url, TASK);
    if (view.result.worker === worker) return view;
    if (Date.now() > deadline) throw new Error(`No task came to the worker in ${worker}`);
  }
}

describe.each([
  ['real Kafka', () => ({ KAFKA_BOOTSTRAP_SERVERS: process.env.EASYFLOW_TEST_BOOTSTRAP })],
  ['the embedded broker, with nothing configured', () => ({})],
])('on %s', (_, environment) => {
  beforeEach(() => {
    stage = new ExampleStage(environment(), { waitMs: WAIT_MS });
  });

  test('a task is done by each worker, in JavaScript and in Python; one that ends leaves its tasks to the other', async () => {
    const { server, url } = await startServer();
    const workers = {
      javascript: await startWorker('javascript'),
      python: await startWorker('python'),
    };
    for (const worker of Object.keys(workers)) {
      const { taskId, ...view } = await doneBy(worker, url);
      expect(view).toEqual({
        status: 'completed',
        result: { worker, rows: 3 },
        updates: [
          {
            status: 'running',
            message: `data_processing.py started by ${worker}`,
            timestamp: expect.any(String),
          },
          {
            status: 'completed',
            message: 'Task completed successfully',
            timestamp: expect.any(String),
          },
        ],
      });
      await workers[worker].until(({ stdout }) => stdout.includes(`${taskId} done`), 'its line');
    }
    expect(await done(url, { script: 'rm.py' })).toMatchObject({
      status: 'failed',
      error: 'There is no script rm.py',
    });
    expect(await get(`${url}/api/health/kafka`)).toMatchObject({ connected: true, producer: true });

    const end = async (worker) => {
      workers[worker].kill('SIGTERM');
      expect(await workers[worker].ended()).toBe(0);
      expect(workers[worker].stderr).toContain('what was done is committed');
    };
    await end('javascript');
    expect(await done(url, TASK)).toMatchObject({ result: { worker: 'python' } });
    workers.javascript = await startWorker('javascript');
    await end('python');
    expect(await done(url, TASK)).toMatchObject({ result: { worker: 'javascript' } });
    server.kill('SIGTERM');
    expect(await server.ended()).toBe(0);
  });

  test('what is no task is refused, and no worker sees it', async () => {
    const { url } = await startServer();
    const refused = await post(url, JSON.stringify({ parameters: {} }));
    expect(refused).toMatchObject({ status: 400, problems: [expect.anything()] });
    expect(refused.error).toMatch(/script/);
    expect(await post(url, '{')).toMatchObject({ status: 400 });
    expect((await fetch(`${url}/api/tasks/task-of-nobody`)).status).toBe(404);
  });
});

'use strict';

// examples/python and the presets speak with each other: one definition of topics and events serves both languages.

const fs = require('node:fs');
const path = require('node:path');
const { catalogs, loadCatalog, TopicManager } = require('../../lib/service');
const easyflow = require('../../lib/presets/easyflow');
const spm = require('../../lib/presets/spm');
const { ExampleStage } = require('../unit/support/example-program');
const { environment } = require('../shared/preset-tools');
const { run, bootstrap } = require('./support/peers');
const { produce, newKafka, unique, withClient } = require('./support/ours');

const WAIT_MS = 120_000;

const script = path.join(__dirname, 'support', 'events.py');

environment(() => ({ KAFKA_BOOTSTRAP_SERVERS: bootstrap() }));
beforeAll(async () => {
  for (const catalog of ['easyflow', 'spm']) {
    const manager = new TopicManager({ brokers: bootstrap().split(',') }, { catalog });
    await manager.connect();
    await manager.createAllTopics().finally(() => manager.disconnect());
  }
});

let stage;
const open = [];
const own = (client) => {
  open.push(client);
  return client;
};
beforeEach(() => {
  stage = new ExampleStage({ KAFKA_BOOTSTRAP_SERVERS: bootstrap() }, { waitMs: WAIT_MS });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close?.() ?? client.shutdown()));
  await stage.close();
});

async function until(condition, what) {
  const deadline = Date.now() + WAIT_MS;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`No ${what} after ${WAIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const jsonLines = (printed) => printed.toString().trim().split('\n').map(JSON.parse);

async function python(args, { input, env = {} } = {}) {
  const all = { KAFKA_CLIENT_PROPERTIES: '', ...env };
  const options = { input, env: all, timeoutMs: WAIT_MS };
  return jsonLines(await run(process.env.EASYFLOW_TEST_PYTHON, [script, ...args], options));
}

/** What Python's publishers return for calls of their methods: the events, or why they were refused. */
const publish = (system, calls) => python(['publish', system], { input: JSON.stringify(calls) });

/** In a new group, which begins at the end as it is when this resolves. */
async function startPythonConsumer(topic, groupId) {
  const env = { KAFKA_GROUP_ID: groupId };
  const consumer = stage.start(script, ['consume', topic], { env });
  await consumer.until(({ stderr }) => stderr.includes('ready'), 'its assignment');
  return consumer;
}

/** The messages of a topic that have this text in them, as they are on the wire. */
async function onTheWire(topic, text, count) {
  const found = [];
  const groupId = unique('wire');
  await withClient(newKafka().consumer({ groupId }), async (consumer) => {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message: { key, value } }) => {
        if (!String(value).includes(text)) return;
        found.push({ partition, key: String(key), value: String(value) });
      },
    });
    await until(() => found.length >= count, `messages of ${topic}`);
  });
  return found;
}

describe('one definition', () => {
  test('of names, renamed by the environment and not: dead-letter topics and constants follow', async () => {
    const env = { TASK_STATUS_TOPIC: 'prod.task-status' };
    for (const variables of [{}, env]) {
      const [found] = await python(['catalogs'], { env: variables });
      const expected = catalogs.map((name) => {
        const catalog = loadCatalog(name).withEnvironment(variables);
        const topics = catalog.topics.map((t) => [t.id, t.name, catalog.dlqOf(t.name)]);
        return [name, { constants: catalog.constants(), topics }];
      });
      expect(found).toEqual(Object.fromEntries(expected));
    }
  });

  test('the environment counts more than client.properties, which is in Java’s syntax', async () => {
    const file = path.join(stage.folder, 'client.properties');
    const login = 'org…PlainLoginModule required username="me" password="a\\\\"b";';
    fs.writeFileSync(
      file,
      `bootstrap.servers=file-1:9092,\\\n  file-2:9092\nsecurity.protocol=SASL_SSL\nsasl.jaas.config=${login}\n` +
        'client.id=from-the-file\nlinger.ms=7\nschema.registry.url=x\n',
    );
    const env = { KAFKA_CLIENT_PROPERTIES: file, KAFKA_BOOTSTRAP_SERVERS: '', KAFKA_GROUP_ID: '' };
    const properties = {
      'bootstrap.servers': 'file-1:9092,file-2:9092',
      'client.id': 'from-the-file',
      'security.protocol': 'SASL_SSL',
      'sasl.mechanisms': 'PLAIN',
      'sasl.username': 'me',
      'sasl.password': 'a"b',
      'linger.ms': '7',
    };
    expect(await python(['configuration'], { env })).toEqual([{ properties, groupId: null }]);
    const more = { ...env, KAFKA_BROKERS: 'env:1', KAFKA_SASL_PASSWORD: 'p', KAFKA_GROUP_ID: 'g' };
    expect(await python(['configuration'], { env: more })).toEqual([
      {
        properties: { ...properties, 'bootstrap.servers': 'env:1', 'sasl.password': 'p' },
        groupId: 'g',
      },
    ]);
  });

  test('everything that is configured wrongly is said at once, without secrets', async () => {
    const env = {
      KAFKA_BOOTSTRAP_SERVERS: 'nowhere',
      KAFKA_SECURITY_PROTOCOL: 'TLS',
      KAFKA_SASL_PASSWORD: 'hunter2',
      KAFKA_LOG_LEVEL: 'LOUD',
    };
    const [{ problems }] = await python(['configuration'], { env });
    expect(problems.map((line) => line.split(':')[0]).sort()).toEqual([
      'KAFKA_BOOTSTRAP_SERVERS',
      'KAFKA_LOG_LEVEL',
      'KAFKA_SECURITY_PROTOCOL',
    ]);
    expect(problems.join()).not.toContain('hunter2');
    const [two] = await python(['configuration'], { env: { KAFKA_BROKERS: 'another:1' } });
    expect(two.problems).toEqual([expect.stringMatching(/^KAFKA_BROKERS: does not agree/)]);
    const [unused] = await python(['configuration'], { env: { KAFKA_SASL_PASSWORD: 'hunter2' } });
    expect(unused.problems).toEqual([expect.stringMatching(/^sasl\.password: needs .*SASL_SSL/)]);
  });
});

describe('SPM', () => {
  const { Topics } = spm;
  const publishers = {
    TaskEventPublisher: Topics.TASK_EVENTS,
    ProjectEventPublisher: Topics.PROJECT_EVENTS,
    ScheduleEventPublisher: Topics.SCHEDULE_EVENTS,
    UserEventPublisher: Topics.USER_EVENTS,
    NotificationEventPublisher: Topics.NOTIFICATION_EVENTS,
  };
  const dataOf = (id) => ({
    id,
    name: 'Тест "鍵"',
    created_by_uid: 'user-456',
    pid: 'project-789',
  });

  test('each event that Python publishes comes to a handler in JavaScript', async () => {
    const id = unique('entity');
    const received = [];
    const consumer = own(new spm.KafkaEventConsumer({ groupId: unique('spm') }));
    consumer.subscribe_to_topics(Object.values(Topics));
    await consumer.consume_events(
      (event, { eventId }) => {
        if (event.data.id === id) received.push({ ...event, eventId });
      },
      { fromBeginning: true },
    );
    const calls = Object.entries(publishers).flatMap(([name, topic]) =>
      loadCatalog('spm')
        .topic(topic)
        .events.map((type) => [`${name}.publish_${type}`, dataOf(id)]),
    );
    const sent = await publish('spm', calls);
    await until(() => received.length === calls.length, 'events');
    const byId = (a, b) => (a.event_id < b.event_id ? -1 : 1);
    const expected = sent.map((event) => ({ ...event, eventId: event.event_id }));
    expect(received.sort(byId)).toEqual(expected.sort(byId));
  });

  test('each event that JavaScript publishes comes to a handler in Python, which ends with its offset committed', async () => {
    const id = unique('task');
    const groupId = unique('spm');
    const consumer = await startPythonConsumer(Topics.TASK_EVENTS, groupId);
    const publisher = own(new spm.TaskEventPublisher());
    await publisher.publish_task_created(dataOf(id));
    await publisher.publish_task_status_changed({ id, status: 'done' });
    await consumer.until(({ lines }) => lines.length === 2, 'two events');
    consumer.kill('SIGTERM');
    expect(await consumer.ended()).toBe(0);
    expect(consumer.stderr).toContain('ended');

    const wire = await onTheWire(Topics.TASK_EVENTS, id, 2);
    expect(consumer.lines.map(JSON.parse)).toEqual(wire.map(({ value }) => JSON.parse(value)));
    const lag = await withClient(newKafka().admin(), async (admin) => {
      const [{ partitions }] = await admin.fetchOffsets({
        groupId,
        topics: [Topics.TASK_EVENTS],
      });
      const ends = await admin.fetchTopicOffsets(Topics.TASK_EVENTS);
      return ends.map((end) => {
        const { offset } = partitions.find(({ partition }) => partition === end.partition);
        return Number(end.high) - Number(offset);
      });
    });
    expect(lag).toEqual([0, 0, 0]);
  });

  test('the same event has the same bytes, key and partition', async () => {
    const id = unique('same');
    const data = { ...dataOf(id), estimate: 3.0, ratio: 0.25, tags: ['a', null, true] };
    const publisher = own(new spm.TaskEventPublisher());
    await publisher.publish_task_created(data);
    const [theirs] = await publish('spm', [['TaskEventPublisher.publish_task_created', data]]);

    const [ours, python] = (await onTheWire(Topics.TASK_EVENTS, id, 2)).map(({ value, ...at }) => {
      const { event_id: eventId, timestamp } = JSON.parse(value);
      expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      return { ...at, eventId, value: value.replace(eventId, 'ID').replace(timestamp, 'TIME') };
    });
    expect(python.eventId).toBe(theirs.event_id);
    expect(python.eventId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(python.eventId).not.toBe(ours.eventId);
    expect({ ...python, eventId: '' }).toEqual({ ...ours, eventId: '' });
    expect(python.key).toBe(id);
  });

  test('what is not valid is refused by the publisher, comes to no handler, and is a dead letter with the reason', async () => {
    const id = unique('bad');
    const [refused] = await publish('spm', [['TaskEventPublisher.publish_task_created', { id }]]);
    expect(refused).toMatchObject({ refused: 'ERR_KAFKA_INVALID_EVENT' });
    expect(refused.problems.join()).toMatch(/created_by_uid/);

    const groupId = unique('spm');
    const consumer = await startPythonConsumer(Topics.TASK_EVENTS, groupId);
    const invalid = { event_type: 'task_created', event_id: id, data: { id } };
    await produce(Topics.TASK_EVENTS, [
      { key: id, value: JSON.stringify(invalid), headers: { own: 'header' } },
      { key: id, value: `${id} is not JSON` },
      { key: id, value: JSON.stringify({ event_type: 'task_dreamt', data: { id } }) },
    ]);
    const publisher = own(new spm.TaskEventPublisher());
    await publisher.publish_task_updated({ id });
    // One key, one partition: what came before the valid event would have been handled before it.
    const handled = () => consumer.lines.filter((line) => line.includes(id)).map(JSON.parse);
    await consumer.until(() => handled().length > 0, 'the valid event');
    expect(handled()).toMatchObject([{ event_type: 'task_updated', data: { id } }]);

    const letters = await withClient(newKafka().consumer({ groupId: unique('dlq') }), async (c) => {
      const found = [];
      await c.subscribe({ topic: 'dlq.task-events', fromBeginning: true });
      await c.run({
        eachMessage: async ({ message }) => {
          const { key, value, headers } = message.detach();
          if (String(key) !== id) return;
          const texts = Object.entries(headers).map(([name, text]) => [name, String(text)]);
          found.push({ value: String(value), headers: Object.fromEntries(texts) });
        },
      });
      await until(() => found.length === 3, 'dead letters');
      return found;
    });
    expect(letters[0]).toEqual({
      value: JSON.stringify(invalid),
      headers: {
        own: 'header',
        'origin.topic': 'task-events',
        'origin.partition': expect.stringMatching(/^\d$/),
        'origin.offset': expect.stringMatching(/^\d+$/),
        'origin.timestamp': expect.stringMatching(/^\d{13}$/),
        'retry.attempts': '0',
        'retry.returns': '0',
        'retry.group': groupId,
        'dlq.reason': 'invalid',
        'dlq.message': expect.stringContaining('created_by_uid'),
        'dlq.error': 'EnvelopeError',
        'dlq.error-code': 'ERR_KAFKA_ENVELOPE',
        'dlq.failed-at': expect.stringMatching(/Z$/),
        'dlq.client': 'spm',
      },
    });
    expect(letters.map(({ headers }) => headers['dlq.reason'])).toEqual([
      'invalid',
      'unreadable',
      'invalid',
    ]);
  });
});

describe('EasyFlow', () => {
  const client = path.join('python', 'easyflow', 'kafka_client.py');

  test('kafka_client.py producer: its task comes to a worker in JavaScript, which answers', async () => {
    const service = own(easyflow.getKafkaService());
    const tasks = [];
    await service.subscribeToTasks(
      async (task, { key, type }) => {
        tasks.push({ task, key, type });
      },
      { groupId: unique('workers'), fromBeginning: true },
    );
    const producer = stage.start(client, ['producer', '--count', '2']);
    expect(await producer.ended()).toBe(0);
    expect(producer.stderr).toContain('Sent 2, all acknowledged.');
    const sent = producer.lines.map(JSON.parse);
    const wanted = new Set(sent.map(({ taskId }) => taskId));
    await until(() => tasks.filter(({ key }) => wanted.has(key)).length === 2, 'tasks');
    const got = sent.map(({ taskId }) => tasks.find(({ key }) => key === taskId));
    expect(got).toEqual(sent.map((task) => ({ task, key: task.taskId, type: 'automation_run' })));
  });

  test('kafka_client.py consumer: prints each kind of message that JavaScript publishes', async () => {
    const consumer = stage.start(client, ['consumer'], { env: { KAFKA_GROUP_ID: unique('test') } });
    const service = own(easyflow.getKafkaService());
    const id = unique('task');
    await service.publishTask({ taskId: id, type: 'report', payload: {} });
    await service.publishResult({ taskId: id, status: 'completed', result: { rows: 3 } });
    await service.publishWorkflowEvent({ workflowId: id, status: 'started' });
    await service.publishStatusUpdate({ entityId: id, entityType: 'task', status: 'completed' });
    const ours = () => consumer.lines.filter((line) => line.includes(id));
    await consumer.until(() => ours().length === 4, 'four messages');
    consumer.kill('SIGINT');
    expect(await consumer.ended()).toBe(0);
    const topicAndKey = ours().map((line) =>
      line
        .replace(/\[\d\]@\d+/, '')
        .split(' ', 2)
        .join(' '),
    );
    expect(topicAndKey.sort()).toEqual([
      `automation-results ${id}`,
      `automation-tasks ${id}`,
      `status-updates task/${id}`,
      `workflow-events ${id}`,
    ]);
  });

  test('the same messages have the same bytes, key and partition', async () => {
    const id = unique('same');
    const createdAt = '2024-01-01T10:00:00Z';
    const messages = {
      task: { taskId: id, type: 'automation_run', payload: { script: 'é.py' }, createdAt },
      result: { taskId: id, status: 'completed', completedAt: createdAt },
      workflow_event: { workflowId: id, status: 'started', timestamp: createdAt },
      status_update: { entityId: id, entityType: 'task', status: 'done', timestamp: createdAt },
    };
    const methods = {
      task: ['publishTask', easyflow.TOPICS.AUTOMATION_TASKS],
      result: ['publishResult', easyflow.TOPICS.AUTOMATION_RESULTS],
      workflow_event: ['publishWorkflowEvent', easyflow.TOPICS.WORKFLOW_EVENTS],
      status_update: ['publishStatusUpdate', easyflow.TOPICS.STATUS_UPDATES],
    };
    const service = own(easyflow.getKafkaService());
    for (const [name, message] of Object.entries(messages))
      await service[methods[name][0]](message);
    await publish(
      'easyflow',
      Object.entries(messages).map(([name, message]) => [`KafkaClient.publish_${name}`, message]),
    );
    for (const [, topic] of Object.values(methods)) {
      const [first, second, ...more] = await onTheWire(topic, id, 2);
      expect(second).toEqual(first);
      expect(more).toEqual([]);
    }
  });

  test('settings that are wrong: exit code 2, a line each', async () => {
    const env = { KAFKA_SECURITY_PROTOCOL: 'TLS', KAFKA_BROKERS: 'a', KAFKA_BOOTSTRAP_SERVERS: '' };
    const wrong = stage.start(client, ['producer'], { env });
    expect(await wrong.ended()).toBe(2);
    expect(wrong.stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^kafka_client: KAFKA_BROKERS: expected host:port/),
      expect.stringMatching(
        /^kafka_client: KAFKA_SECURITY_PROTOCOL: expected PLAINTEXT, .* 'TLS'$/,
      ),
    ]);
  });
});

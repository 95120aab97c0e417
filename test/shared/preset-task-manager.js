'use strict';

// The programs of the Task Manager's document, call for call, and the flow of its messages.

const { Kafka } = require('../../lib');
const {
  getKafkaService,
  getKafkaConfig,
  TOPICS,
  newTaskMessage,
  taskCompletedMessage,
  taskErrorMessage,
  webCrawlRequestMessage,
} = require('../../lib/presets/task-manager');
const { clientsOf, unique, until } = require('./clients');
const { environment, partitionsOf, setUp } = require('./preset-tools');

const DEFAULTS = { env: {}, file: null };

function taskManagerSuite(broker) {
  jest.setTimeout(120_000);
  const clients = clientsOf(broker);
  environment(() => ({ KAFKA_BROKERS: broker.bootstrap }));
  beforeAll(() => setUp(broker, 'task-manager'));
  afterEach(() => getKafkaService().shutdown());
  const brokers = () => broker.bootstrap.split(',');

  it('Client Configuration: the table’s defaults', () => {
    const { kafka, consumer, topics } = getKafkaConfig(DEFAULTS);
    expect({ ...kafka }).toMatchObject({
      clientId: 'task-manager',
      brokers: ['localhost:9092'],
      ssl: false,
      connectionTimeout: 3000,
      requestTimeout: 30000,
      retry: { initialRetryTime: 100, retries: 3 },
    });
    expect({ ...consumer }).toMatchObject({
      groupId: 'task-manager-group',
      sessionTimeout: 30000,
      heartbeatInterval: 3000,
      retry: { initialRetryTime: 100, retries: 3 },
    });
    expect(topics).toEqual({
      TASK_STATUS: 'task-status',
      WEB_CRAWL_REQUEST: 'requests-web-crawl',
    });
    expect({ ...TOPICS }).toEqual(topics);
  });

  it('Environment Variables: each one', () => {
    const { kafka, consumer, groupId, topics } = getKafkaConfig({
      file: null,
      env: {
        KAFKA_BROKERS: 'kafka-1:9093,kafka-2:9093',
        KAFKA_CLIENT_ID: 'other',
        KAFKA_GROUP_ID: 'other-group',
        TASK_STATUS_TOPIC: 'prod.task-status',
        WEB_CRAWL_REQUEST_TOPIC: 'prod.requests',
        KAFKA_SSL_ENABLED: 'true',
        KAFKA_SASL_ENABLED: 'true',
        KAFKA_SASL_USERNAME: 'your-username',
        KAFKA_SASL_PASSWORD: 'your-password',
        KAFKA_SASL_MECHANISM: 'scram-sha-256',
        KAFKA_CONNECTION_TIMEOUT: '1001',
        KAFKA_REQUEST_TIMEOUT: '1002',
        KAFKA_SESSION_TIMEOUT: '6003',
        KAFKA_HEARTBEAT_INTERVAL: '1004',
        KAFKA_RETRY_BACKOFF: '105',
        KAFKA_MAX_RETRY_ATTEMPTS: '6',
      },
    });
    expect({ ...kafka, sasl: { ...kafka.sasl } }).toMatchObject({
      clientId: 'other',
      brokers: ['kafka-1:9093', 'kafka-2:9093'],
      ssl: true,
      sasl: {
        mechanism: 'scram-sha-256',
        username: 'your-username',
        password: 'your-password',
      },
      connectionTimeout: 1001,
      requestTimeout: 1002,
      retry: { initialRetryTime: 105, retries: 6 },
    });
    expect({ ...consumer }).toMatchObject({ sessionTimeout: 6003, heartbeatInterval: 1004 });
    expect(groupId).toBe('other-group');
    expect(topics).toEqual({ TASK_STATUS: 'prod.task-status', WEB_CRAWL_REQUEST: 'prod.requests' });
  });

  it('Test Scripts and Performance Optimization: its KafkaJS programs', async () => {
    const kafka = new Kafka({ clientId: 'test-client', brokers: brokers() });

    async function testConnection() {
      const admin = kafka.admin();
      await admin.connect();

      const topics = await admin.listTopics();

      await admin.disconnect();
      return topics;
    }
    expect(await testConnection()).toEqual(
      expect.arrayContaining(['task-status', 'requests-web-crawl']),
    );

    const taskId = unique('task');
    const producer = clients.track(
      kafka.producer({
        allowAutoTopicCreation: true,
        transactionTimeout: 30000,
        maxInFlightRequests: 1,
        idempotent: true,
      }),
    );
    await producer.connect();
    const message = newTaskMessage({
      taskId,
      userEmail: 'user@example.com',
      userQuery: 'Find product information',
      originalUrl: 'https://example.com',
    });
    await producer.send({
      topic: 'task-status',
      messages: [{ key: taskId, value: JSON.stringify(message) }],
    });
    const quick = clients.track(kafka.producer());
    await quick.connect();
    await quick.send({
      topic: 'task-status',
      messages: [{ key: taskId, value: JSON.stringify(message) }],
      timeout: 30000,
      acks: 1,
    });

    const consumer = clients.track(
      kafka.consumer({
        groupId: unique('task-manager-group'),
        sessionTimeout: 30000,
        heartbeatInterval: 3000,
        maxBytesPerPartition: 1048576, // 1MB
        retry: {
          initialRetryTime: 100,
          retries: 3,
        },
      }),
    );
    await consumer.connect();
    await consumer.subscribe({ topic: 'task-status', fromBeginning: true });
    const values = [];
    await consumer.run({
      eachMessage: async ({ message: { key, value } }) => {
        if (key?.toString() === taskId) values.push(JSON.parse(value));
      },
      autoCommit: true,
      autoCommitInterval: 5000,
      autoCommitThreshold: 100,
    });
    await until(() => values.length === 2, 'both messages');
    expect(values).toEqual([message, message]);
  });

  it('Message Flow: a request becomes a task, its status follows the topic', async () => {
    const email = `${unique('user')}@example.com`;
    const request = {
      userEmail: email,
      userQuery: 'Test query',
      originalUrl: 'https://example.com',
    };
    /** The table of tasks. */
    const rows = new Map();
    const history = [];
    const service = getKafkaService();
    const setStatus = async ({ headers, message }, { traceId }) => {
      if (message.taskId.startsWith(email))
        history.push([message.status, headers.traceId, traceId]);
      rows.set(message.taskId, message.status);
    };
    let number = 0;
    await service.subscribe([TOPICS.WEB_CRAWL_REQUEST, TOPICS.TASK_STATUS], undefined, {
      'web-crawl.request': async (event) => {
        // Bare, as publish-new-task sends it, or in the envelope.
        const { userEmail, userQuery, originalUrl } = event.message ?? event;
        if (userEmail !== email) return;
        number += 1;
        const task = { taskId: `${email}-${number}`, userEmail, userQuery, originalUrl };
        await service.publishEvent(TOPICS.TASK_STATUS, newTaskMessage(task));
      },
      'task.new': async (event, metadata) => {
        await setStatus(event, metadata);
        const { taskId, userEmail } = event.message;
        if (userEmail !== email) return;
        const end = taskId.endsWith('-1')
          ? taskCompletedMessage({ taskId, result: 'Found 5 products matching criteria' })
          : taskErrorMessage({ taskId, error: new Error('Network timeout occurred') });
        await service.publishEvent(TOPICS.TASK_STATUS, end);
      },
      'task.completed': setStatus,
      'task.error': setStatus,
    });

    const kafka = new Kafka({ clientId: 'test-publisher', brokers: brokers() });
    async function publishTestTask() {
      const producer = kafka.producer();
      await producer.connect();

      await producer.send({
        topic: 'requests-web-crawl',
        messages: [
          {
            key: 'test-task-1',
            value: JSON.stringify({ ...request, requestedAt: new Date().toISOString() }),
          },
        ],
      });

      await producer.disconnect();
    }
    await publishTestTask();
    await until(() => rows.get(`${email}-1`) === 'completed', 'the first task');
    await service.publishEvent(TOPICS.WEB_CRAWL_REQUEST, webCrawlRequestMessage(request));
    await until(() => rows.get(`${email}-2`) === 'error', 'the second task');
    expect(history.map(([status]) => status)).toEqual(['new', 'completed', 'new', 'error']);
    // One trace from the request to the end, in the message's own headers too.
    const traces = history.map(([, shown, traceId]) => [shown, traceId]);
    expect(traces[0]).toEqual(traces[1]);
    expect(traces[0][0]).toBe(traces[0][1]);
    expect(traces[2]).toEqual(traces[3]);
    expect(traces[2]).not.toEqual(traces[0]);
  });

  it('Dead Letter Queue: what is no message of the format', async () => {
    const service = getKafkaService();
    const key = unique('broken');
    await service.subscribe(TOPICS.TASK_STATUS, undefined, () => {});
    const producer = await clients.producer();
    await producer.send({
      topic: TOPICS.TASK_STATUS,
      messages: [{ key, value: JSON.stringify({ taskId: key, status: 'completed' }) }],
    });
    const mine = (all) => all.find((message) => message.key?.toString() === key);
    const letters = await clients.readUntil('dlq.task-status', mine, {
      partitions: await partitionsOf(clients, 'dlq.task-status'),
    });
    expect(mine(letters).headers['dlq.reason'].toString()).toBe('unreadable');
  });
}

module.exports = { taskManagerSuite };

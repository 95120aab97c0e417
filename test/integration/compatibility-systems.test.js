'use strict';

// The Kafka client as the five systems use it (Task Manager, Etelios, OfficeFlow, SPM, EasyFlow): their documents' own
// calls and options, on real Kafka, over TLS and SASL where they say so.

const fs = require('node:fs');
const { startKafka } = require('../../scripts/real-kafka');
const { Kafka, KafkaJS, logLevel } = require('../../lib');
const { until, unique } = require('../shared/clients');

const user = { name: 'your-username', password: 'your-password', mechanism: 'SCRAM-SHA-256' };

describe('The systems that move to this package', () => {
  let cluster;
  const open = [];
  const own = (client) => {
    open.push(client);
    return client;
  };
  const brokers = (listener = 'PLAINTEXT') => cluster.listeners[listener].split(',');
  const quiet = { logLevel: logLevel.NOTHING };

  beforeAll(async () => {
    cluster = await startKafka({
      tls: true,
      listeners: ['SSL', 'SASL_PLAINTEXT', 'SASL_SSL'],
      users: [user],
      properties: { 'ssl.client.auth': 'requested' },
    });
  });
  afterAll(() => cluster?.stop());
  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.disconnect()));
  });

  describe('Task Manager', () => {
    async function roundTrip(kafka) {
      const topic = unique('task-status');
      const producer = own(kafka.producer());
      await producer.connect();
      await producer.send({ topic, messages: [{ key: 'task-id', value: 'secured' }] });
      const consumer = own(kafka.consumer({ groupId: unique('task-manager-group') }));
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      let value = null;
      await consumer.run({ eachMessage: async ({ message }) => void (value = `${message.value}`) });
      await until(() => value !== null, 'the message');
      expect(value).toBe('secured');
    }

    test('test-kafka-connection and publish-new-task', async () => {
      const kafka = new Kafka({ clientId: 'test-client', brokers: brokers(), ...quiet });
      const topic = unique('requests-web-crawl');
      async function publishTestTask() {
        const producer = kafka.producer();
        await producer.connect();
        await producer.send({
          topic,
          messages: [
            {
              key: 'test-task-1',
              value: JSON.stringify({
                userEmail: 'test@example.com',
                userQuery: 'Test query',
                originalUrl: 'https://example.com',
                requestedAt: new Date().toISOString(),
              }),
            },
          ],
        });
        await producer.disconnect();
      }
      async function testConnection() {
        const admin = kafka.admin();
        await admin.connect();
        const topics = await admin.listTopics();
        await admin.disconnect();
        return topics;
      }
      await publishTestTask();
      expect(await testConnection()).toContain(topic);
    });

    test('its connection options, producer, send and consumer settings together', async () => {
      const kafka = new Kafka({
        clientId: 'task-manager',
        brokers: brokers(),
        ssl: false,
        sasl: false,
        connectionTimeout: 3_000,
        requestTimeout: 30_000,
        retry: { initialRetryTime: 100, retries: 3 },
        ...quiet,
      });
      const topic = unique('task-status');
      const reliable = own(
        kafka.producer({
          allowAutoTopicCreation: true,
          transactionTimeout: 30_000,
          maxInFlightRequests: 1,
          idempotent: true,
        }),
      );
      await reliable.connect();
      const plain = own(kafka.producer());
      await plain.connect();
      const task = { taskId: '42', status: 'new', userEmail: 'user@example.com' };
      const headers = {
        taskId: '42',
        taskType: 'web-crawl',
        timestamp: '2024-01-01T00:00:00.000Z',
        traceId: 'trace-id-string',
        spanId: 'span-id-string',
      };
      await reliable.send({
        topic,
        messages: [{ key: '42', value: JSON.stringify(task), headers }],
      });
      await plain.send({
        topic,
        messages: [{ key: '42', value: JSON.stringify({ ...task, status: 'completed' }) }],
        timeout: 30_000,
        acks: 1,
      });
      const groupId = unique('task-manager-group');
      const consumer = own(
        kafka.consumer({
          groupId,
          sessionTimeout: 30_000,
          heartbeatInterval: 3_000,
          maxBytesPerPartition: 1_048_576,
          retry: { initialRetryTime: 100, retries: 3 },
        }),
      );
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      const seen = [];
      await consumer.run({
        eachMessage: async ({ message }) => {
          const head = Object.fromEntries(
            Object.entries(message.headers).map(([name, value]) => [name, value.toString()]),
          );
          seen.push([JSON.parse(message.value.toString()).status, head]);
        },
        autoCommit: true,
        autoCommitInterval: 5_000,
        autoCommitThreshold: 100,
      });
      await until(() => seen.length === 2, 'both updates');
      expect(seen).toEqual([
        ['new', headers],
        ['completed', {}],
      ]);
      await consumer.disconnect();
      const admin = own(kafka.admin());
      await admin.connect();
      const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [topic] });
      expect(partitions[0].offset).toBe('2');
    });

    test('TLS with ca, key and cert, verified and not', async () => {
      const { ca, clientCertificate, clientKey } = cluster.certificates;
      for (const rejectUnauthorized of [false, true]) {
        const kafka = new Kafka({
          clientId: 'task-manager',
          brokers: brokers('SSL'),
          ssl: {
            rejectUnauthorized,
            ca: [fs.readFileSync(ca, 'utf-8')],
            key: fs.readFileSync(clientKey, 'utf-8'),
            cert: fs.readFileSync(clientCertificate, 'utf-8'),
          },
          ...quiet,
        });
        await roundTrip(kafka);
      }
    });

    test('scram-sha-256, and a wrong password', async () => {
      const sasl = { mechanism: 'scram-sha-256', username: user.name, password: user.password };
      const options = { clientId: 'task-manager', brokers: brokers('SASL_PLAINTEXT'), ...quiet };
      await roundTrip(new Kafka({ ...options, sasl }));
      const wrong = own(
        new Kafka({ ...options, sasl: { ...sasl, password: 'guessed' } }).producer(),
      );
      await expect(wrong.connect()).rejects.toMatchObject({
        name: 'KafkaJSSASLAuthenticationError',
        errorCode: 'ERR_KAFKA_AUTHENTICATION',
      });
    });
  });

  test('Etelios: one service, a consumer for each topic, all in the group of their service', async () => {
    const kafka = new Kafka({ clientId: 'etelios', brokers: brokers(), ...quiet });
    const topics = ['user.created', 'user.updated', 'user.login'].map(unique);
    const groupId = unique('analytics-service');
    const recorded = [];
    const producer = own(kafka.producer());
    const service = {
      initialize: () => producer.connect(),
      publishEvent: (topic, event, key) =>
        producer.send({ topic, messages: [{ key, value: JSON.stringify(event) }] }),
      subscribe: async (topic, group, handler) => {
        const consumer = own(kafka.consumer({ groupId: group, sessionTimeout: 6_000 }));
        await consumer.connect();
        await consumer.subscribe({ topic, fromBeginning: true });
        await consumer.run({
          eachMessage: async ({ topic: from, partition, message }) =>
            handler(JSON.parse(message.value.toString()), {
              topic: from,
              partition,
              key: message.key.toString(),
            }),
        });
      },
    };
    await service.initialize();
    const publish = async (data) => {
      for (const topic of topics)
        await service.publishEvent(topic, { type: topic, data }, 'user-1');
    };
    await publish(1);
    for (const topic of topics) {
      await service.subscribe(topic, groupId, async (event, metadata) => {
        expect(metadata).toEqual({ topic, partition: 0, key: 'user-1' });
        recorded.push(`${event.type} ${event.data}`);
      });
    }
    await publish(2);
    const expected = topics.flatMap((topic) => [`${topic} 1`, `${topic} 2`]).sort();
    await until(() => new Set(recorded).size === expected.length, 'all events');
    expect([...new Set(recorded)].sort()).toEqual(expected);
  });

  test('OfficeFlow: topics of the platform, a family of topics, dead letters with their reason', async () => {
    const kafka = new Kafka({
      clientId: 'workflow-engine',
      brokers: brokers(),
      connectionTimeout: 3_000,
      requestTimeout: 30_000,
      retry: { initialRetryTime: 100, retries: 8 },
      ssl: false,
      ...quiet,
    });
    const family = unique('employee.onboard');
    const organizations = ['org-123', 'org-456'];
    const deadLetters = `dlq.${family}`;
    const admin = own(kafka.admin());
    await admin.connect();
    await admin.createTopics({
      topics: [...organizations.map((id) => `${family}.${id}`), deadLetters].map((topic) => ({
        topic,
        numPartitions: 3,
        replicationFactor: 1,
        configEntries: [{ name: 'retention.ms', value: '604800000' }],
      })),
    });
    const producer = own(kafka.producer());
    await producer.connect();
    for (const id of organizations) {
      await producer.send({
        topic: `${family}.${id}`,
        messages: [
          {
            key: 'emp-456',
            value: JSON.stringify({ type: 'employee.onboard', payload: { organization: id } }),
            headers: { 'correlation-id': `c-${id}`, 'organization-id': id },
          },
        ],
      });
    }
    const consumer = own(kafka.consumer({ groupId: unique('workflow-engine') }));
    await consumer.connect();
    await consumer.subscribe({ topics: [new RegExp(`^${family}\\..*`)], fromBeginning: true });
    const handled = [];
    await consumer.run({
      eachMessage: async ({ topic, message }) => {
        const { payload } = JSON.parse(message.value.toString());
        if (payload.organization === 'org-456') {
          await producer.send({
            topic: deadLetters,
            messages: [
              {
                key: message.key,
                value: message.value,
                headers: { ...message.headers, 'dlq-original-topic': topic, 'dlq-error': 'poison' },
              },
            ],
          });
          return;
        }
        handled.push([topic, message.headers['correlation-id'].toString()]);
      },
    });
    const dead = [];
    const reader = own(kafka.consumer({ groupId: unique('dlq-processor') }));
    await reader.connect();
    await reader.subscribe({ topic: deadLetters, fromBeginning: true });
    await reader.run({
      eachMessage: async ({ message }) => {
        dead.push(
          ['correlation-id', 'dlq-original-topic', 'dlq-error'].map((name) =>
            message.headers[name].toString(),
          ),
        );
      },
    });
    await until(() => handled.length === 1 && dead.length === 1, 'both messages');
    expect(handled).toEqual([[`${family}.org-123`, 'c-org-123']]);
    expect(dead).toEqual([['c-org-456', `${family}.org-456`, 'poison']]);
  });

  test('SPM: five topics of three partitions, events of an entity in order, replay from the start', async () => {
    const kafka = new Kafka({ clientId: 'spm', brokers: brokers(), ...quiet });
    const topic = unique('task-events');
    const groupId = unique('spm-consumer-group');
    const admin = own(kafka.admin());
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 3, replicationFactor: 1 }] });
    const producer = own(kafka.producer({ retry: { retries: 3 } }));
    await producer.connect();
    const types = ['task_created', 'task_assigned', 'task_status_changed', 'task_deleted'];
    for (const type of types) {
      await producer.send({
        topic,
        acks: -1,
        messages: [1, 2, 3, 4, 5].map((id) => ({
          key: `task-${id}`,
          value: JSON.stringify({ event_type: type, data: { id } }),
        })),
      });
    }
    const replay = async () => {
      const events = new Map();
      const consumer = own(kafka.consumer({ groupId }));
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      let count = 0;
      await consumer.run({
        eachMessage: async ({ message }) => {
          const { event_type: type, data } = JSON.parse(message.value.toString());
          events.set(data.id, [...(events.get(data.id) ?? []), type]);
          count += 1;
        },
      });
      await until(() => count === 20, 'twenty events');
      await consumer.disconnect();
      return events;
    };
    for (const sequence of (await replay()).values()) expect(sequence).toEqual(types);
    // kafka-consumer-groups --reset-offsets --to-earliest, as a call.
    await admin.resetOffsets({ groupId, topic, earliest: true });
    for (const sequence of (await replay()).values()) expect(sequence).toEqual(types);
  });

  test("EasyFlow: confluent's style with the names of client.properties, over SASL_SSL", async () => {
    const settings = {
      'bootstrap.servers': brokers('SASL_SSL').join(','),
      'security.protocol': 'SASL_SSL',
      'sasl.mechanisms': 'SCRAM-SHA-256',
      'sasl.username': user.name,
      'sasl.password': user.password,
      'ssl.ca.location': cluster.certificates.ca,
    };
    const kafka = new KafkaJS.Kafka({ ...settings, kafkaJS: quiet });
    const [tasks, results] = [unique('automation-tasks'), unique('automation-results')];
    const producer = own(kafka.producer({ kafkaJS: { acks: -1 }, 'linger.ms': 5 }));
    await producer.connect();
    const send = (topic, entity) =>
      producer.send({
        topic,
        messages: [
          {
            key: entity.taskId,
            value: JSON.stringify(entity),
            headers: { type: 'automation_run' },
          },
        ],
      });
    await send(tasks, { taskId: 'task-001', type: 'automation_run', status: 'pending' });
    const worker = own(
      kafka.consumer({
        kafkaJS: { groupId: unique('workers'), fromBeginning: true, autoCommit: true },
        'session.timeout.ms': 10_000,
      }),
    );
    await worker.connect();
    await worker.subscribe({ topics: [tasks] });
    await worker.run({
      eachMessage: async ({ message }) => {
        const task = JSON.parse(message.value.toString());
        await send(results, { ...task, status: 'completed' });
      },
    });
    const dashboard = own(
      kafka.consumer({ kafkaJS: { groupId: unique('dashboard'), fromBeginning: true } }),
    );
    await dashboard.connect();
    await dashboard.subscribe({ topics: [results] });
    const seen = [];
    await dashboard.run({
      eachMessage: async ({ message }) => {
        seen.push([JSON.parse(message.value.toString()), message.headers.type.toString()]);
      },
    });
    await until(() => seen.length === 1, 'the result');
    expect(seen).toEqual([
      [{ taskId: 'task-001', type: 'automation_run', status: 'completed' }, 'automation_run'],
    ]);
  });
});

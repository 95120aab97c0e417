'use strict';

// What SPM's document does in Python, in JavaScript: the same names, the same calls.

const {
  TaskEventPublisher,
  ProjectEventPublisher,
  ScheduleEventPublisher,
  UserEventPublisher,
  NotificationEventPublisher,
  KafkaEventConsumer,
  Topics,
} = require('../../lib/presets/spm');
const { loadCatalog } = require('../../lib/service');
const { unique, until } = require('./clients');
const { environment, setUp } = require('./preset-tools');

const PUBLISHERS = {
  [Topics.TASK_EVENTS]: TaskEventPublisher,
  [Topics.PROJECT_EVENTS]: ProjectEventPublisher,
  [Topics.SCHEDULE_EVENTS]: ScheduleEventPublisher,
  [Topics.USER_EVENTS]: UserEventPublisher,
  [Topics.NOTIFICATION_EVENTS]: NotificationEventPublisher,
};
const camelCase = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

function spmSuite(broker) {
  jest.setTimeout(120_000);
  environment(() => ({
    KAFKA_BOOTSTRAP_SERVERS: broker.bootstrap,
    KAFKA_GROUP_ID: 'spm-consumer-group',
  }));
  beforeAll(() => setUp(broker, 'spm'));
  const open = [];
  const own = (client) => {
    open.push(client);
    return client;
  };
  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.close()));
  });

  it('Publishing Events, Consuming Events', async () => {
    const id = unique('task');
    const received = [];
    function handleTaskEvent(event, metadata) {
      if (event.data.id === id) received.push([event, metadata.key]);
    }

    // Initialize consumer
    const consumer = own(new KafkaEventConsumer());
    consumer.subscribe_to_topics([Topics.TASK_EVENTS]);

    // Start consuming
    await consumer.consume_events(handleTaskEvent);

    // Initialize publisher
    const taskPublisher = new TaskEventPublisher();

    // Publish task created event
    taskPublisher.publish_task_created({
      id,
      name: 'New Task',
      created_by_uid: 'user-456',
      pid: 'project-789',
    });

    // Close connection: nobody has waited for the event
    await taskPublisher.close();

    await until(() => received.length === 1, 'the event');
    expect(received[0]).toEqual([
      {
        event_type: 'task_created',
        event_id: expect.any(String),
        timestamp: expect.any(String),
        data: { id, name: 'New Task', created_by_uid: 'user-456', pid: 'project-789' },
      },
      id,
    ]);
  });

  it('Event Types: every event of every topic, by both names of its method', async () => {
    const id = unique('entity');
    const received = [];
    const consumer = own(new KafkaEventConsumer());
    consumer.subscribeToTopics(Object.values(Topics));
    await consumer.consumeEvents((event, { topic }) => {
      if (event.data.id === id) received.push(`${topic} ${event.event_type}`);
    });
    const data = { id, name: 'n', created_by_uid: 'user-456', pid: 'project-789' };
    const expected = [];
    for (const { name: topic, events } of loadCatalog('spm').topics) {
      const publisher = own(new PUBLISHERS[topic]());
      for (const type of events) {
        await publisher[`publish_${type}`](data);
        await publisher[camelCase(`publish_${type}`)](data);
        expected.push(`${topic} ${type}`, `${topic} ${type}`);
      }
    }
    await until(() => received.length === expected.length, 'all events');
    expect(received.sort()).toEqual(expected.sort());
  });

  it('one handler for each event type, and an event against its schema is refused', async () => {
    const id = unique('task');
    const notified = [];
    const consumer = own(new KafkaEventConsumer());
    consumer.subscribe_to_topics([Topics.TASK_EVENTS]);
    await consumer.consume_events({
      task_created: async (event) => {
        if (event.data.id === id) notified.push(event.data.name);
      },
    });
    const publisher = own(new TaskEventPublisher());
    await expect(publisher.publish_task_created({ id })).rejects.toMatchObject({
      errorCode: 'ERR_KAFKA_INVALID_EVENT',
    });
    await publisher.publish_task_updated({ id });
    await publisher.publish_task_created({ id, name: 'x', created_by_uid: 'u', pid: 'p' });
    await until(() => notified.length === 1);
    expect(notified).toEqual(['x']);
  });

  it('a consumer without topics says so', async () => {
    const consumer = own(new KafkaEventConsumer());
    await expect(consumer.consume_events(() => {})).rejects.toThrow(
      /subscribe_to_topics\(\) before/,
    );
    expect(() => consumer.subscribe_to_topics('task-events')).toThrow(/an array of topics/);
  });
}

module.exports = { spmSuite };

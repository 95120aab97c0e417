'use strict';

// Each shipped catalog with the publisher of its preset: what a hub makes of it that is told nothing but the catalog.

const easyflow = require('../../../lib/presets/easyflow');
const etelios = require('../../../lib/presets/etelios');
const officeflow = require('../../../lib/presets/officeflow');
const spm = require('../../../lib/presets/spm');
const taskManager = require('../../../lib/presets/task-manager');
const { catalogs, loadCatalog } = require('../../../lib/service');
const { embeddedBroker } = require('../../shared/brokers');
const { everybody, hubTools } = require('../../shared/hub-tools');

let env;
const broker = embeddedBroker();
beforeEach(() => {
  env = process.env;
  process.env = { ...env };
});
afterEach(() => {
  process.env = env;
});
const tools = hubTools(broker);
const settings = () => ({ brokers: [broker.bootstrap], logLevel: 0, file: null });

/** One event each: topic, type, data, metadata. */
const eteliosEvents = [
  ['user.created', 'USER_CREATED', { userId: 'u1', email: 'a@example.com', role: 'admin' }],
  ['user.login', 'USER_LOGIN', { userId: 'u2' }],
  ['employee.updated', 'EMPLOYEE_UPDATED', { employeeId: 'e1' }],
  ['attendance.checkin', 'ATTENDANCE_CHECKIN', { employeeId: 'e1' }],
  ['order.created', 'ORDER_CREATED', { orderId: 'o1' }],
  ['service.health', 'SERVICE_HEALTH', {}],
];
const crawl = {
  userEmail: 'user@example.com',
  userQuery: 'Find product information',
  originalUrl: 'https://example.com',
};

/** What each preset publishes as its documents do, and the channels that it is for. */
const systems = {
  easyflow: {
    async publish() {
      const service = easyflow.getKafkaService(settings());
      const status = { status: 'completed', message: 'Task completed successfully' };
      await service.publishStatusUpdate({ entityType: 'task', entityId: 'task-001', ...status });
      await service.publishStatusUpdate({ entityType: 'workflow', entityId: 'a/b', ...status });
      await service.shutdown();
    },
    channels: ['task/task-001', 'workflow/a%2Fb'],
  },
  etelios: {
    async publish() {
      const service = etelios.getKafkaService(settings());
      for (const [topic, type, data] of eteliosEvents) {
        const metadata = { tenantId: 't1', source: 'auth-service' };
        await service.publishEvent(topic, etelios.createEvent(type, data, metadata));
      }
      await service.shutdown();
    },
    channels: [
      'attendance/e1',
      'employee/e1',
      'order/o1',
      'service/auth-service',
      'user/u1',
      'user/u2',
    ],
  },
  officeflow: {
    env: { DEMO_ORG_ID: 'acme' },
    async publish() {
      const producer = new officeflow.OfficeFlowProducer(settings());
      await producer.connect();
      const metadata = { source: 'hrms-adapter', employeeId: 'emp-456' };
      const payload = { employeeId: 'emp-456', name: 'John Doe', department: 'Engineering' };
      const joins = { type: 'employee.onboard', payload, metadata };
      await producer.sendToOrganizationTopic('employee.onboard', 'acme', joins);
      await producer.sendMessage('workflow.run.request', {
        type: 'workflow.run.request',
        payload: { workflowRunId: 'r1' },
        metadata: { source: 'api' },
      });
      await producer.sendMessage('node.execute.result', {
        type: 'node.execute.result',
        payload: { nodeRunId: 'n1', success: true },
        metadata: { source: 'engine', workflowRunId: 'r1' },
      });
      await producer.disconnect();
    },
    channels: ['org/acme/employee/emp-456', 'run/r1', 'run/r1/node/n1'],
  },
  spm: {
    async publish() {
      const events = [
        [
          spm.TaskEventPublisher,
          'task_created',
          { id: 'task-123', name: 'New Task', created_by_uid: 'user-456', pid: 'project-789' },
        ],
        [spm.ProjectEventPublisher, 'project_collaborator_added', { pid: 'p1', uid: 'u1' }],
        [spm.ScheduleEventPublisher, 'deadline_overdue', { task_id: 'task-123' }],
        [spm.UserEventPublisher, 'user_updated', { uid: 'u1' }],
        [spm.NotificationEventPublisher, 'notification_sent', { uid: 'u1', message: 'hello' }],
      ];
      for (const [Publisher, type, data] of events) {
        const publisher = new Publisher(settings());
        await publisher.publish(type, data);
        await publisher.close();
      }
    },
    channels: ['notification/u1', 'project/p1', 'schedule/task-123', 'task/task-123', 'user/u1'],
  },
  'task-manager': {
    env: { TASK_STATUS_TOPIC: 'prod.task-status' },
    async publish() {
      const service = taskManager.getKafkaService(settings());
      const { TASK_STATUS, WEB_CRAWL_REQUEST } = taskManager.TOPICS;
      const task = taskManager.newTaskMessage({ taskId: 't1', ...crawl });
      const request = taskManager.webCrawlRequestMessage(crawl, { requestId: 'q1' });
      await service.publishEvent(TASK_STATUS, task);
      await service.publishEvent(WEB_CRAWL_REQUEST, request);
      // As the document's script does it: no envelope, a key.
      await service.publishEvent(WEB_CRAWL_REQUEST, request.message, 'test-task-1');
      await service.shutdown();
    },
    channels: ['request/q1', 'request/test-task-1', 'task/t1'],
  },
};

test('no shipped catalog is left out', () => {
  expect(Object.keys(systems).sort()).toEqual([...catalogs]);
});

test.each(Object.keys(systems))(
  '%s: its publisher’s messages come out on the channels of its catalog',
  async (name) => {
    Object.assign(process.env, systems[name].env);
    const catalog = loadCatalog(name).withEnvironment();
    for (const { id } of catalog.topics.filter(({ channel }) => channel !== null)) {
      await broker.createTopic(catalog.nameOf(id), 2);
    }
    const { publish, channels } = systems[name];
    await publish();

    const options = { ...everybody, topics: undefined, channel: undefined, catalog: name };
    const { hub, open } = await tools.start({ options });
    const client = await open({ channel: '*' });
    const { items } = await client.snapshot();
    expect(items.map(({ channel }) => channel).sort()).toEqual(channels);
    expect(hub.metrics()).toMatchObject({ invalid: 0, entities: channels.length });

    // And what comes later.
    await publish();
    const { channel } = await client.find('update');
    expect(channels).toContain(channel);
  },
);

'use strict';

// The shipped catalogs against the documents of the five systems: what these name is there.

const { Kafka, logLevel } = require('../../../../lib');
const { catalogs, decodeMessage, loadCatalog } = require('../../../../lib/service');

const DAY_MS = 86_400_000;
const ids = (items) => items.map(({ id }) => id);

/** What a consumer makes of a value on a topic: the type and the mistakes. */
function judge(catalog, topic, value, headers) {
  const decoded = decodeMessage(catalog.envelopesOf(topic), JSON.stringify(value), headers);
  const type = catalog.typeOf(topic, decoded.type);
  const problems = catalog.validate(type, decoded.payload).map(({ path }) => path);
  return { type, problems, key: catalog.keyOf(topic, decoded.event) };
}

describe.each(catalogs)('%s', (name) => {
  const catalog = loadCatalog(name);

  test('its client options are options of our clients', () => {
    const kafka = new Kafka({ brokers: ['localhost:1'], logLevel: logLevel.NOTHING });
    kafka.producer(catalog.producer);
    kafka.consumer({ groupId: 'g', ...catalog.consumer });
  });

  test('every payload may have more than the schema says', () => {
    for (const { type, examples } of catalog.events) {
      for (const example of examples) {
        expect(catalog.validate(type, { ...example, addedLater: { any: 'thing' } })).toEqual([]);
      }
    }
  });

  test('every topic and event is described, every group reads or writes', () => {
    for (const { id, description } of [...catalog.topics, ...catalog.groups]) {
      expect([id, description]).toEqual([id, expect.stringMatching(/\w/)]);
    }
    for (const { type, description } of catalog.events) {
      expect([type, description]).toEqual([type, expect.stringMatching(/\w/)]);
    }
    for (const { topics, publishes } of catalog.groups) {
      expect(topics.length + publishes.length).toBeGreaterThan(0);
    }
  });
});

describe('easyflow', () => {
  const catalog = loadCatalog('easyflow');

  test('its four topics; the broker decides on partitions', () => {
    expect(ids(catalog.topics)).toEqual([
      'automation-tasks',
      'automation-results',
      'workflow-events',
      'status-updates',
    ]);
    expect(catalog.topics.every(({ partitions }) => partitions === null)).toBe(true);
    expect(catalog.channelOf('status-updates')).toBe('{entityType}/{entityId}');
    expect(catalog.channelOf('automation-tasks')).toBeNull();
  });

  const task = {
    taskId: 'task-001',
    type: 'automation_run',
    status: 'pending',
    payload: { script: 'data_processing.py', parameters: {} },
    createdAt: '2024-01-01T10:00:00Z',
  };
  const update = {
    entityId: 'task-001',
    entityType: 'task',
    status: 'completed',
    message: 'Task completed successfully',
    timestamp: '2024-01-01T10:05:00Z',
  };

  test('the task of the document, tasks of other types, and what is none', () => {
    expect(judge(catalog, 'automation-tasks', task)).toEqual({
      type: 'automation_run',
      problems: [],
      key: 'task-001',
    });
    const other = { ...task, type: 'mail_merge', payload: {} };
    expect(judge(catalog, 'automation-tasks', other)).toMatchObject({ type: 'task', problems: [] });
    const { problems } = judge(catalog, 'automation-tasks', { ...task, payload: {}, createdAt: 5 });
    expect(problems).toEqual(['$.payload.script', '$.createdAt']);
    const { problems: untyped } = judge(catalog, 'automation-tasks', { taskId: 't' });
    expect(untyped).toEqual(['$.type', '$.status', '$.payload', '$.createdAt']);
  });

  test('the status update of the document', () => {
    expect(judge(catalog, 'status-updates', update)).toEqual({
      type: 'status_update',
      problems: [],
      key: 'task/task-001',
    });
    expect(judge(catalog, 'status-updates', { ...update, timestamp: 'now' }).problems).toEqual([
      '$.timestamp',
    ]);
  });

  test('who reads and writes what', () => {
    expect(catalog.group('easyflow-workers')).toMatchObject({
      topics: ['automation-tasks'],
      publishes: ['automation-results', 'workflow-events', 'status-updates'],
    });
    expect(catalog.group('easyflow-dashboard').topics).toContain('status-updates');
    expect(catalog.group('easyflow-api').publishes).toContain('automation-tasks');
  });
});

describe('task-manager', () => {
  const catalog = loadCatalog('task-manager');
  const at = '2024-01-01T00:00:00.000Z';
  const trace = { timestamp: at, traceId: 'trace-id-string', spanId: 'span-id-string' };
  const taskHeaders = { taskId: 'uuid-string', taskType: 'web-crawl', ...trace };
  const requestHeaders = { requestId: 'uuid-string', requestType: 'web-crawl', ...trace };
  const request = {
    userEmail: 'user@example.com',
    userQuery: 'Find product information',
    originalUrl: 'https://example.com',
    requestedAt: at,
  };

  test('partitions, replication and retention are the broker’s', () => {
    for (const topic of catalog.topics) {
      expect(topic).toMatchObject({
        partitions: null,
        replicationFactor: null,
        retentionMs: null,
        cleanupPolicy: null,
      });
    }
    expect(catalog.topic('task-status').env).toBe('TASK_STATUS_TOPIC');
    expect(catalog.topic('requests-web-crawl').env).toBe('WEB_CRAWL_REQUEST_TOPIC');
    expect(ids(catalog.groups)).toEqual(['task-manager-group']);
  });

  test.each([
    ['task.new', { ...catalog.event('task.new').examples[0] }],
    ['task.completed', { ...catalog.event('task.completed').examples[0] }],
    ['task.error', { ...catalog.event('task.error').examples[0] }],
    ['task.status', { taskId: 'uuid-string', status: 'processing' }],
  ])('the status message %s', (type, message) => {
    const { problems, ...judged } = judge(catalog, 'task-status', {
      headers: taskHeaders,
      message,
    });
    expect({ problems, ...judged }).toEqual({ type, problems: [], key: 'uuid-string' });
    const { status } = message;
    const bad = judge(catalog, 'task-status', { headers: taskHeaders, message: { status } });
    expect(bad.problems).toContain('$.taskId');
  });

  test.each([
    ['headers.requestId', { headers: requestHeaders, message: request }, 'uuid-string'],
    ['headers.taskId', { headers: taskHeaders, message: request }, 'uuid-string'],
    ['the bare body of publish-new-task', request, null],
  ])('a request with %s', (_, value, key) => {
    expect(judge(catalog, 'requests-web-crawl', value)).toEqual({
      type: 'web-crawl.request',
      problems: [],
      key,
    });
  });

  test('a request that is none, and a task that was created', () => {
    const { problems } = judge(catalog, 'requests-web-crawl', { userEmail: 'x', originalUrl: 'y' });
    expect(problems).toEqual(['$.userQuery', '$.requestedAt', '$.userEmail', '$.originalUrl']);
    const created = { headers: taskHeaders, message: catalog.event('task.new').examples[0] };
    expect(judge(catalog, 'requests-web-crawl', created).type).toBe('task.new');
  });

  test('a bare body is no status: which envelope a topic carries is the catalog’s word', () => {
    const bare = catalog.event('task.completed').examples[0];
    expect(() => judge(catalog, 'task-status', bare)).toThrow(/expected an object for headers/);
  });
});

describe('officeflow', () => {
  const catalog = loadCatalog('officeflow');

  test('the topics of the document, and those of the slack, document and ai services', () => {
    expect(catalog.topics.map(({ name }) => name)).toEqual([
      ...['onboard', 'exit', 'transfer', 'update'].map((what) => `employee.${what}.{org}`),
      ...['request', 'pause', 'resume', 'cancel'].map((what) => `workflow.run.${what}`),
      ...['request', 'result', 'retry'].map((what) => `node.execute.${what}`),
      ...[
        'identity.provision',
        'email.send',
        'calendar.schedule',
        'slack.message.send',
        'document.process',
        'ai.content.generate',
      ].flatMap((what) => [`${what}.request`, `${what}.result`]),
      'audit.events',
      'metrics.events',
    ]);
    expect(catalog.own).toEqual({ audit: 'audit.events', metrics: 'metrics.events' });
    expect(catalog.parameters.org.env).toBe('DEMO_ORG_ID');
    expect(catalog.dlq.name).toBe('dlq.{topic}');
  });

  test('the eight groups; each service reads its requests and writes its results', () => {
    expect(ids(catalog.groups)).toEqual([
      'workflow-engine',
      'identity-service',
      'email-service',
      'calendar-service',
      'slack-service',
      'document-service',
      'ai-service',
      'audit-service',
    ]);
    expect(catalog.group('slack-service')).toMatchObject({
      topics: ['slack.message.send.request'],
      publishes: expect.arrayContaining(['slack.message.send.result']),
    });
    expect(catalog.group('workflow-engine').topics).toEqual(
      expect.arrayContaining([
        'employee.onboard',
        'workflow.run.cancel',
        'ai.content.generate.result',
      ]),
    );
    expect(catalog.group('audit-service').topics).toEqual(['audit.events']);
  });

  test('the lifecycle event of the document', () => {
    const event = {
      type: 'employee.onboard',
      payload: { employeeId: 'emp-456', name: 'John Doe', department: 'Engineering' },
      metadata: { source: 'hrms-adapter', employeeId: 'emp-456' },
    };
    const topic = 'employee.onboard.org-123';
    expect(judge(catalog, topic, event)).toEqual({
      type: 'employee.onboard',
      problems: [],
      key: 'emp-456',
    });
    expect(judge(catalog, topic, { ...event, payload: { name: 'X' } }).problems).toEqual([
      '$.employeeId',
      '$.department',
    ]);
    expect(judge(catalog, topic, { ...event, type: 'employee.exit' }).problems).toEqual(['$.type']);
  });
});

describe('etelios', () => {
  const catalog = loadCatalog('etelios');

  test('every predefined topic, with the event type of its constant', () => {
    const names = `user.created user.updated user.deleted user.login user.logout
      employee.created employee.updated employee.deleted employee.transfer
      attendance.checkin attendance.checkout attendance.approved
      payroll.processed salary.calculated payroll.approved
      customer.created customer.updated order.created order.updated
      sale.created sale.completed sale.cancelled
      inventory.stock.updated product.created product.updated
      notification.sent email.sent sms.sent
      document.uploaded document.approved document.rejected
      audit.log security.event service.health service.error`.split(/\s+/);
    expect(ids(catalog.topics)).toEqual(names);
    const byConstant = Object.entries(catalog.constants());
    for (const [constant, name] of byConstant) {
      expect(catalog.topicOf(name).events).toEqual([constant]);
    }
  });

  test('what createEvent makes of a user and of an employee', () => {
    const metadata = { eventId: 'e', timestamp: '2024-01-01T00:00:00Z', tenantId: 't' };
    const user = { userId: 'u1', email: 'u@example.com', role: 'admin' };
    expect(judge(catalog, 'user.created', { type: 'USER_CREATED', data: user, metadata })).toEqual({
      type: 'USER_CREATED',
      problems: [],
      key: 'u1',
    });
    const employee = { employeeId: 'e1', employeeCode: 'E-1', name: 'Jane', department: 'HR' };
    expect(
      judge(catalog, 'employee.created', { type: 'EMPLOYEE_CREATED', data: employee, metadata }),
    ).toMatchObject({ problems: [], key: 'e1' });
    expect(
      judge(catalog, 'user.created', {
        type: 'USER_CREATED',
        data: { userId: 'u', email: 'u' },
        metadata,
      }).problems,
    ).toEqual(['$.role', '$.email']);
  });

  test('the services of the document', () => {
    expect(catalog.group('notification-service').topics).toEqual(['user.created', 'user.login']);
    expect(catalog.group('analytics-service').topics).toEqual([
      'user.created',
      'user.updated',
      'user.login',
    ]);
    expect(catalog.group('inventory-service').topics).toEqual(['order.created']);
    expect(catalog.group('auth-service').publishes).toContain('user.logout');
    expect(catalog.group('hr-service').publishes).toContain('employee.transfer');
    expect(catalog.own).toMatchObject({ audit: 'audit.log', health: 'service.health' });
  });
});

describe('spm', () => {
  const catalog = loadCatalog('spm');

  test('five topics with 3 partitions, 7 days, notifications 14', () => {
    expect(
      catalog.topics.map(({ id, partitions, replicationFactor, retentionMs }) => [
        id,
        partitions,
        replicationFactor,
        retentionMs / DAY_MS,
      ]),
    ).toEqual([
      ['task-events', 3, 1, 7],
      ['project-events', 3, 1, 7],
      ['schedule-events', 3, 1, 7],
      ['user-events', 3, 1, 7],
      ['notification-events', 3, 1, 14],
    ]);
    expect(catalog.producer).toEqual({ acks: -1, retry: { retries: 3 } });
    expect(catalog.consumer).toEqual({ fromBeginning: false, autoCommit: true });
    expect(catalog.group('spm-consumer-group')).toMatchObject({ from: 'latest' });
    expect(catalog.group('spm-consumer-group').topics).toHaveLength(5);
  });

  test('every event type of the document on its topic', () => {
    expect(Object.fromEntries(catalog.topics.map(({ id, events }) => [id, events]))).toEqual({
      'task-events': ['created', 'updated', 'deleted', 'assigned', 'status_changed'].map(
        (e) => `task_${e}`,
      ),
      'project-events': [
        'created',
        'updated',
        'deleted',
        'collaborator_added',
        'collaborator_removed',
      ].map((e) => `project_${e}`),
      'schedule-events': [
        'schedule_created',
        'schedule_updated',
        'schedule_deleted',
        'deadline_approaching',
        'deadline_overdue',
      ],
      'user-events': ['user_created', 'user_updated', 'user_deleted'],
      'notification-events': ['notification_sent', 'notification_delivered', 'notification_failed'],
    });
  });

  test('the task of the document', () => {
    const data = {
      id: 'task-123',
      name: 'New Task',
      created_by_uid: 'user-456',
      pid: 'project-789',
    };
    expect(judge(catalog, 'task-events', { event_type: 'task_created', data })).toEqual({
      type: 'task_created',
      problems: [],
      key: 'task-123',
    });
    expect(
      judge(catalog, 'task-events', { event_type: 'task_updated', data: {} }).problems,
    ).toEqual(['$.id']);
  });
});

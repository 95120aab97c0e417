'use strict';

// The programs of OfficeFlow's document, call for call; only their imports are others.

const {
  TopicManager,
  OfficeFlowProducer,
  OfficeFlowConsumer,
  DLQHandler,
  CorrelationTracker,
  defaultKafkaConfig,
} = require('../../lib/presets/officeflow');
const { clientsOf, unique, until } = require('./clients');
const { loadCatalog } = require('../../lib/service');
const { environment, partitionsOf, setUp } = require('./preset-tools');

const DEMO = 'demo-org-123';
const QUICK = { attempts: 2, initialDelayMs: 5, maxDelayMs: 5 };

function officeflowSuite(broker) {
  jest.setTimeout(120_000);
  const clients = clientsOf(broker);
  environment(() => ({ KAFKA_BROKERS: broker.bootstrap, DEMO_ORG_ID: DEMO }));
  const brokers = () => broker.bootstrap.split(',');

  const open = [];
  const own = (client) => {
    open.push(client);
    return client;
  };
  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.disconnect()));
  });

  it('Setting up Topics: the platform’s, those of the demo organization, the groups', async () => {
    const topicManager = new TopicManager({
      clientId: 'officeflow-setup',
      brokers: brokers(),
    });

    await topicManager.connect();
    await topicManager.createAllTopics();
    await topicManager.disconnect();

    const admin = await clients.admin();
    const topics = await admin.listTopics();
    for (const name of [
      `employee.onboard.${DEMO}`,
      `dlq.employee.onboard.${DEMO}`,
      'workflow.run.request',
      'dlq.node.execute.result',
      'identity.provision.result',
      'audit.events',
      'metrics.events',
    ]) {
      expect(topics).toContain(name);
    }

    const second = own(new TopicManager(defaultKafkaConfig));
    await second.connect();
    const groups = await second.createConsumerGroups();
    expect(groups.skipped).toEqual([]);
    expect([...groups.created, ...groups.unchanged]).toContainEqual({
      group: 'workflow-engine',
      topic: `employee.onboard.${DEMO}`,
    });
  });

  it('Producer and Consumer Usage: an organization that is new meanwhile, and what its handler sends', async () => {
    await setUp(broker, 'officeflow');
    const organization = unique('org');
    const seen = [];
    const contexts = [];
    const producer = own(new OfficeFlowProducer({ clientId: 'my-service', brokers: brokers() }));
    const consumer = own(
      new OfficeFlowConsumer(
        {
          clientId: 'workflow-engine',
          brokers: brokers(),
        },
        {
          groupId: unique('workflow-engine'),
        },
      ),
    );

    // Register message handlers
    const onboardHandler = async (message, context) => {
      if (message.metadata.organizationId !== organization) return;
      seen.push(message);
      contexts.push(context);
      await producer.sendMessage('email.send.request', {
        type: 'email.send.request',
        payload: { to: 'john@example.com', subject: organization },
        metadata: { source: 'workflow-engine', employeeId: 'emp-manager' },
      });
    };

    consumer.registerHandler('employee.onboard', onboardHandler);

    await consumer.connect();
    await consumer.subscribe({
      topics: ['employee.onboard.*'],
      fromBeginning: false,
    });

    await consumer.run();

    await producer.connect();

    // Send a lifecycle event
    await producer.sendToOrganizationTopic('employee.onboard', organization, {
      type: 'employee.onboard',
      payload: {
        employeeId: 'emp-456',
        name: 'John Doe',
        department: 'Engineering',
      },
      metadata: {
        source: 'hrms-adapter',
        employeeId: 'emp-456',
      },
    });

    await until(() => seen.length === 1, 'the event of the new organization');
    expect(seen[0]).toEqual({
      type: 'employee.onboard',
      payload: { employeeId: 'emp-456', name: 'John Doe', department: 'Engineering' },
      metadata: expect.objectContaining({
        source: 'hrms-adapter',
        employeeId: 'emp-456',
        organizationId: organization,
        correlationId: expect.any(String),
        messageId: expect.any(String),
        timestamp: expect.any(String),
      }),
    });
    expect(contexts[0]).toMatchObject({
      topic: `employee.onboard.${organization}`,
      organizationId: organization,
      employeeId: 'emp-456',
      correlationId: seen[0].metadata.correlationId,
      key: 'emp-456',
      attempt: 1,
    });

    const sent = (message) => JSON.parse(message.value);
    const emails = await clients.readUntil(
      'email.send.request',
      (all) => all.some((message) => sent(message).payload.subject === organization),
      { partitions: await partitionsOf(clients, 'email.send.request') },
    );
    const email = emails.find((message) => sent(message).payload.subject === organization);
    // The same operation, about somebody else.
    expect(sent(email).metadata).toMatchObject({
      correlationId: seen[0].metadata.correlationId,
      organizationId: organization,
      employeeId: 'emp-manager',
    });
    expect(email.key.toString()).toBe('emp-manager');
  });

  it('Error Handling: retries, then the dead-letter topic', async () => {
    const organization = unique('org');
    await setUp(broker, loadCatalog('officeflow').withParameters({ org: organization }));
    const topic = `employee.exit.${organization}`;
    const employeeId = unique('emp');
    const attempts = [];
    const consumer = own(
      new OfficeFlowConsumer(
        { clientId: 'workflow-engine', brokers: brokers() },
        { groupId: unique('workflow-engine'), policies: { retry: QUICK } },
      ),
    );
    consumer.registerHandler('employee.exit', async (message, { attempt }) => {
      if (message.payload.employeeId !== employeeId) return;
      attempts.push(attempt);
      throw new Error('the directory is away');
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run();
    const producer = own(new OfficeFlowProducer({ clientId: 'my-service', brokers: brokers() }));
    await producer.connect();
    await producer.sendToOrganizationTopic('employee.exit', organization, {
      type: 'employee.exit',
      payload: { employeeId },
    });

    const buried = (all) => all.find(({ key }) => key?.toString() === employeeId);
    const letters = await clients.readUntil(`dlq.${topic}`, buried);
    expect(attempts).toEqual([1, 2]);
    expect(buried(letters).headers['dlq.message'].toString()).toBe('the directory is away');
  });

  it('Correlation Tracking', () => {
    const tracker = CorrelationTracker.getInstance();

    // Create a new correlation context
    const context = tracker.createContext({
      organizationId: 'org-123',
      employeeId: 'emp-456',
      workflowRunId: 'run-789',
    });

    // Record trace events
    tracker.recordEvent(context.correlationId, 'workflow-engine', 'start-workflow', 'started');

    // Create child context for nested operations
    const childContext = tracker.createChildContext(context.correlationId, {
      nodeRunId: 'node-run-123',
    });

    expect(childContext).toMatchObject({
      organizationId: 'org-123',
      nodeRunId: 'node-run-123',
      parentCorrelationId: context.correlationId,
    });
    expect(tracker.getTrace(context.correlationId)).toMatchObject({
      events: [{ service: 'workflow-engine', operation: 'start-workflow', status: 'started' }],
      children: [{ correlationId: childContext.correlationId }],
    });
  });

  it('Dead Letter Queue Handling: what was given up comes back to the group that gave up', async () => {
    await setUp(broker, 'officeflow');
    const groupId = unique('email-service');
    const dlqHandler = new DLQHandler(
      {
        clientId: 'dlq-processor',
        brokers: brokers(),
      },
      { groupId: unique('dlq'), delayMs: 20, consumer: { maxWaitTimeInMs: 50 } },
    );
    open.push({ disconnect: () => dlqHandler.stop() });
    const producer = own(new OfficeFlowProducer({ clientId: 'my-service', brokers: brokers() }));
    const consumer = own(
      new OfficeFlowConsumer(
        { clientId: 'email', brokers: brokers() },
        { groupId, policies: { retry: QUICK } },
      ),
    );
    const messageId = unique('message');
    let calls = 0;
    let isUp = false;
    const sent = [];
    consumer.registerHandler('email.send.request', async (message) => {
      if (message.metadata.messageId !== messageId) return;
      calls += 1;
      if (!isUp) throw new Error('the mail server is away');
      sent.push(message.metadata.messageId);
    });
    await consumer.connect();
    await consumer.subscribe({ topics: ['email.send.request'], fromBeginning: true });
    await consumer.run();
    await producer.connect();
    await producer.sendMessage('email.send.request', {
      type: 'email.send.request',
      payload: { to: 'jo@example.com', subject: 's', body: 'b' },
      metadata: { messageId, source: 'workflow-engine' },
    });
    await until(() => calls === QUICK.attempts);
    isUp = true;
    await dlqHandler.start();
    await until(() => sent.length === 1);
    expect(sent).toEqual([messageId]);
  });

  it('Kafka Configuration', () => {
    const config = {
      clientId: 'my-service',
      brokers: ['localhost:9092'],
      connectionTimeout: 3000,
      requestTimeout: 30000,
      retry: {
        initialRetryTime: 100,
        retries: 8,
      },
      ssl: false, // Set to true for SSL connections
      sasl: {
        // Optional SASL authentication
        mechanism: 'plain',
        username: 'user',
        password: 'pass',
      },
    };
    own(new OfficeFlowProducer(config));
    own(new OfficeFlowConsumer(config, { groupId: 'workflow-engine' }));
    expect(new TopicManager(config).catalog.name).toBe('officeflow');
    expect({ ...defaultKafkaConfig }).toMatchObject({
      brokers: brokers(),
      connectionTimeout: 3_000,
      requestTimeout: 30_000,
      retry: { initialRetryTime: 100, retries: 8 },
    });
  });

  it('refuses what cannot work, before anything is sent', async () => {
    const producer = own(new OfficeFlowProducer());
    const message = { type: 'audit.event', payload: {} };
    await expect(
      producer.sendToOrganizationTopic('audit.events', 'org-123', message),
    ).rejects.toThrow(/a family of topics by organization for prefix/);
    await expect(
      producer.sendToOrganizationTopic('employee.onboard', 'org.123', message),
    ).rejects.toThrow(/Expected a string of A-Z a-z 0-9 _ -/);
    await expect(
      producer.sendToOrganizationTopic('employee.onboard', undefined, message),
    ).rejects.toThrow(/Expected a non-empty string for organizationId/);
    await expect(
      producer.sendToOrganizationTopic('employee.onboard', 'org-123', {
        type: 'employee.onboard',
        payload: { name: 'nobody' },
      }),
    ).rejects.toMatchObject({ errorCode: 'ERR_KAFKA_INVALID_EVENT' });
    const consumer = own(new OfficeFlowConsumer(undefined, { groupId: 'g' }));
    await expect(consumer.run()).rejects.toThrow(/registerHandler\(\) before run\(\)/);
    consumer.registerHandler('audit.event', () => {});
    await expect(consumer.run()).rejects.toThrow(/subscribe\(\) before run\(\)/);
    expect(() => new OfficeFlowConsumer({ brokers: brokers() })).toThrow(/for groupId/);
  });
}

module.exports = { officeflowSuite };

'use strict';

// EasyFlow's kafkaService.js: its messages over its topics, configured as its document says.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { getKafkaService, TOPICS } = require('../../lib/presets/easyflow');
const { unique, until } = require('./clients');
const { environment, setUp } = require('./preset-tools');

function easyflowSuite(broker) {
  jest.setTimeout(120_000);
  environment(() => ({ KAFKA_BOOTSTRAP_SERVERS: broker.bootstrap }));
  beforeAll(() => setUp(broker, 'easyflow'));
  let service;
  afterEach(() => service?.shutdown());

  it('Message Formats: a task goes to a worker, its status and result come back', async () => {
    const taskId = unique('task');
    service = getKafkaService();
    await service.initialize();
    const updates = [];
    const results = [];
    const keys = [];
    await service.subscribeToTasks(async (task, metadata) => {
      if (task.taskId !== taskId) return;
      keys.push(metadata.key);
      await service.publishStatusUpdate({
        entityId: task.taskId,
        entityType: 'task',
        status: 'completed',
        message: `${task.payload.script} completed successfully`,
      });
      await service.publishResult({ taskId, status: 'completed', result: { rows: 3 } });
    });
    await service.subscribeToStatusUpdates((update, metadata) => {
      if (update.entityId === taskId) updates.push([update, metadata.key]);
    });
    await service.subscribeToResults((result) => {
      if (result.taskId === taskId) results.push(result);
    });

    await service.publishTask({
      taskId,
      type: 'automation_run',
      status: 'pending',
      payload: { script: 'data_processing.py', parameters: {} },
      createdAt: '2024-01-01T10:00:00Z',
    });

    await until(() => updates.length === 1 && results.length === 1, 'status and result');
    expect(keys).toEqual([taskId]);
    expect(updates[0]).toEqual([
      {
        entityId: taskId,
        entityType: 'task',
        status: 'completed',
        message: 'data_processing.py completed successfully',
        timestamp: expect.any(String),
      },
      `task/${taskId}`,
    ]);
    expect(results[0]).toEqual({
      taskId,
      status: 'completed',
      result: { rows: 3 },
      completedAt: expect.any(String),
    });
  });

  it('the document’s own messages by topic and group; workflow events', async () => {
    const workflowId = unique('workflow');
    service = getKafkaService();
    const events = [];
    await service.subscribe(TOPICS.WORKFLOW_EVENTS, 'easyflow-dashboard', (event) => {
      if (event.workflowId === workflowId) events.push(event.status);
    });
    await service.publishWorkflowEvent({ workflowId, status: 'started' });
    await service.publishEvent(TOPICS.WORKFLOW_EVENTS, { workflowId, status: 'completed' });
    await service.publishEvent(TOPICS.STATUS_UPDATES, {
      entityId: 'task-001',
      entityType: 'task',
      status: 'completed',
      message: 'Task completed successfully',
      timestamp: '2024-01-01T10:05:00Z',
    });
    await until(() => events.length === 2, 'workflow events');
    expect(events).toEqual(['started', 'completed']);
    await expect(service.healthCheck()).resolves.toMatchObject({ connected: true, consumers: 1 });
  });

  it('Configuration: the environment counts more than client.properties', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'easyflow-'));
    const file = path.join(folder, 'client.properties');
    fs.writeFileSync(file, 'bootstrap.servers=localhost:1\nclient.id=from-the-file\n');
    try {
      service = getKafkaService({ file });
      expect(service.configuration.kafka).toMatchObject({
        brokers: broker.bootstrap.split(','),
        clientId: 'from-the-file',
      });
      await service.publishTask({ taskId: unique('task'), type: 'report', payload: {} });
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
}

module.exports = { easyflowSuite };

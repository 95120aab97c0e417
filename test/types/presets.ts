// The presets, as their documents use them.

import * as easyflow from 'easyflow-kafka/presets/easyflow';
import {
  KAFKA_TOPICS,
  createEvent,
  getConsumerGroup,
  getKafkaService,
} from 'easyflow-kafka/presets/etelios';
import {
  CorrelationTracker,
  KafkaClusterConfig,
  MessageHandler,
  OfficeFlowConsumer,
  OfficeFlowProducer,
  TopicManager,
  defaultKafkaConfig,
} from 'easyflow-kafka/presets/officeflow';
import { KafkaEventConsumer, TaskEventPublisher, Topics } from 'easyflow-kafka/presets/spm';
import {
  TOPICS,
  getKafkaConfig,
  newTaskMessage,
  taskCompletedMessage,
} from 'easyflow-kafka/presets/task-manager';
import { Kafka } from 'easyflow-kafka';

export async function etelios(user: { _id: object; email: string }): Promise<string> {
  const kafka = getKafkaService();
  await kafka.publishEvent(
    KAFKA_TOPICS.USER_CREATED,
    createEvent('USER_CREATED', { userId: user._id, email: user.email }, { tenantId: 't' }),
    user._id.toString(),
  );
  await kafka.subscribe(
    KAFKA_TOPICS.ORDER_CREATED,
    getConsumerGroup('inventory-service'),
    async (event, metadata) => console.log(event.data, metadata.key),
  );
  // @ts-expect-error: no such topic
  void KAFKA_TOPICS.USER_RENAMED;
  return (await kafka.healthCheck()).brokers;
}

export async function officeflow(): Promise<void> {
  const config: KafkaClusterConfig = {
    clientId: 'my-service',
    brokers: ['localhost:9092'],
    connectionTimeout: 3000,
    requestTimeout: 30000,
    retry: { initialRetryTime: 100, retries: 8 },
    ssl: false,
    sasl: { mechanism: 'plain', username: 'user', password: 'pass' },
  };
  const topicManager = new TopicManager(config);
  await topicManager.connect();
  await topicManager.createAllTopics();
  await topicManager.disconnect();

  const producer = new OfficeFlowProducer(defaultKafkaConfig);
  await producer.sendToOrganizationTopic('employee.onboard', 'org-123', {
    type: 'employee.onboard',
    payload: { employeeId: 'emp-456' },
    metadata: { source: 'hrms-adapter', employeeId: 'emp-456' },
  });

  const consumer = new OfficeFlowConsumer(config, { groupId: 'workflow-engine' });
  const onboardHandler: MessageHandler = async (message, context) => {
    console.log('Processing onboard event:', message.payload, context.correlationId);
  };
  consumer.registerHandler('employee.onboard', onboardHandler);
  await consumer.subscribe({ topics: ['employee.onboard.*'], fromBeginning: false });
  await consumer.run();
  CorrelationTracker.getInstance().createContext({ organizationId: 'org-123' });
  // @ts-expect-error: a group is needed
  new OfficeFlowConsumer(config, {});
}

export async function taskManager(): Promise<string> {
  const { kafka, producer, consumer, groupId } = getKafkaConfig({ env: process.env });
  const client = new Kafka(kafka);
  client.producer(producer);
  client.consumer({ ...consumer, groupId });
  const { message } = newTaskMessage({
    userEmail: 'user@example.com',
    userQuery: 'Find product information',
    originalUrl: 'https://example.com',
  });
  const status: 'new' = message.status;
  // @ts-expect-error: a result is needed
  taskCompletedMessage({ taskId: message.taskId });
  return `${TOPICS.TASK_STATUS} ${status}`;
}

export async function spm(): Promise<void> {
  const publisher = new TaskEventPublisher();
  await publisher.publish_task_created({ id: 'task-123' });
  await publisher.publishTaskAssigned({ id: 'task-123' });
  await publisher.close();
  const consumer = new KafkaEventConsumer();
  consumer.subscribe_to_topics([Topics.TASK_EVENTS]);
  await consumer.consume_events((event: { event_type: string }) => console.log(event.event_type));
  // @ts-expect-error: an event of another topic
  publisher.publish_user_created({});
}

export async function easyFlow(): Promise<void> {
  const service: easyflow.KafkaService = easyflow.getKafkaService({ groupId: 'workers' });
  await service.publishTask({ taskId: 't', type: 'automation_run', payload: { script: 's' } });
  await service.subscribeToTasks(async (task, { signal }) => {
    console.log(task.taskId, task.payload.script, signal.aborted);
  });
  await service.subscribe(easyflow.TOPICS.STATUS_UPDATES, 'dashboard', () => {});
  // @ts-expect-error: an update has a status
  await service.publishStatusUpdate({ entityId: 't', entityType: 'task' });
}

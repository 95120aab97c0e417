'use strict';

// node examples/spm/service.js: the manage task service publishes what happens to a project and its tasks, the notify user
// service tells whom it concerns. With deadline-scheduler.js beside it, deadlines are told of too (--stay).

const { randomUUID } = require('node:crypto');
const { CorrelationTracker } = require('easyflow-kafka/service');
const {
  TaskEventPublisher,
  ProjectEventPublisher,
  ScheduleEventPublisher,
  NotificationEventPublisher,
  KafkaEventConsumer,
  Topics,
} = require('easyflow-kafka/presets/spm');
const { run, ended } = require('../lib/program');
const { COMMON_HELP } = require('../lib/flags');
const { openCluster } = require('../lib/cluster');
const { setUpTopics } = require('../lib/topics');

const usage = `node examples/spm/service.js [options]
  --stay                     until Ctrl-C; else it ends when all notifications of its own task are delivered
${COMMON_HELP}`;

const CREATOR = 'user-456';
const ASSIGNEE = 'user-789';
const DAY_MS = 24 * 60 * 60 * 1_000;

const print = ({ correlationId }, event, text) =>
  process.stdout.write(`${correlationId} ${event.event_type} ${text}\n`);

/** The publishers of one process, each with a connection of its own. */
function openPublishers(options) {
  return {
    tasks: new TaskEventPublisher(options),
    projects: new ProjectEventPublisher(options),
    schedules: new ScheduleEventPublisher(options),
    notifications: new NotificationEventPublisher(options),
  };
}

/** A project, and a task of it that is done in the end. */
async function manageTask({ tasks, projects, schedules }) {
  const id = `task-${randomUUID()}`;
  const pid = `project-${randomUUID()}`;
  const deadline = new Date(Date.now() + 2 * DAY_MS).toISOString();
  await projects.publish_project_created({ id: pid, name: 'New Project', created_by_uid: CREATOR });
  await projects.publish_project_collaborator_added({ project_id: pid, uid: ASSIGNEE });
  await tasks.publish_task_created({ id, name: 'New Task', created_by_uid: CREATOR, pid });
  await schedules.publish_schedule_created({
    id: `schedule-${randomUUID()}`,
    task_id: id,
    deadline,
  });
  await tasks.publish_task_assigned({ id, assigned_to_uid: ASSIGNEE, created_by_uid: CREATOR });
  await tasks.publish_task_status_changed({ id, status: 'done', created_by_uid: CREATOR });
}

/**
 * Handlers of the notify user service, by event type. An id of a notification is made of its event's: an event that comes
 * twice is the same notification.
 *
 * @param {(uid: string, metadata: object) => void} onDelivered
 */
function notifyUser({ notifications }, onDelivered) {
  const notify = (uidOf, text) => async (event, metadata) => {
    const uid = uidOf(event.data);
    print(metadata, event, `-> ${uid}`);
    await notifications.publish_notification_sent({
      id: `notification-${event.event_id}`,
      uid,
      type: event.event_type,
      message: text(event.data),
    });
  };
  const creator = ({ created_by_uid }) => created_by_uid;
  const collaborator = ({ uid }) => uid;
  const assignee = ({ assigned_to_uid }) => assigned_to_uid;
  return {
    project_collaborator_added: notify(collaborator, (data) => `You joined ${data.project_id}`),
    task_created: notify(creator, (data) => `You created ${data.name}`),
    task_assigned: notify(assignee, (data) => `${data.id} is yours`),
    task_status_changed: notify(creator, (data) => `${data.id} is ${data.status}`),
    deadline_approaching: notify(
      () => ASSIGNEE,
      (data) => `${data.task_id} is due soon`,
    ),
    deadline_overdue: notify(
      () => ASSIGNEE,
      (data) => `${data.task_id} is overdue`,
    ),
    // Where a mail server would be.
    notification_sent: async (event) => {
      const { id, uid, type } = event.data;
      await notifications.publish_notification_delivered({ id, uid, type });
    },
    notification_delivered: async (event, metadata) => {
      const { uid, type } = event.data;
      print(metadata, event, `${type} to ${uid}`);
      onDelivered(type, metadata);
    },
  };
}

async function main({ flags, signal, stop, say }) {
  const cluster = await openCluster({ flags, clientId: 'spm', say, stop });
  const publishers = openPublishers(cluster.serviceOptions);
  const consumer = new KafkaEventConsumer(cluster.serviceOptions);
  const tracker = CorrelationTracker.getInstance();
  const operation = tracker.createContext();
  const missing = new Set([
    'project_collaborator_added',
    'task_created',
    'task_assigned',
    'task_status_changed',
  ]);
  const onDelivered = (type, { correlationId }) => {
    // In the group there may be events of other tasks.
    if (correlationId === operation.correlationId) missing.delete(type);
    if (missing.size === 0 && !flags.stay) stop();
  };
  try {
    await setUpTopics(cluster.kafka, 'spm');
    consumer.subscribe_to_topics(Object.values(Topics));
    await consumer.consume_events(notifyUser(publishers, onDelivered));
    if (signal.aborted) return;
    await tracker.run(operation, () => manageTask(publishers));
    if (flags.stay) say('Following the events of SPM; Ctrl-C to end.');
    await ended(signal);
  } finally {
    await consumer.close(); // handlers finish, what was handled is committed
    await Promise.all(Object.values(publishers).map((publisher) => publisher.close()));
    cluster.close();
  }
}

run({ usage, flags: { stay: { type: 'boolean' } }, main });

'use strict';

// The topics of EasyFlow and what is in their messages.

const TOPICS = Object.freeze({
  tasks: 'automation-tasks',
  results: 'automation-results',
  workflow: 'workflow-events',
  status: 'status-updates',
});

const now = () => new Date().toISOString();

function task(taskId, payload = { script: 'data_processing.py', parameters: {} }) {
  return { taskId, type: 'automation_run', status: 'pending', payload, createdAt: now() };
}

function result(taskId, output) {
  return { taskId, type: 'automation_result', status: 'completed', output, completedAt: now() };
}

function failure(taskId, error) {
  return { taskId, type: 'automation_result', status: 'failed', error, completedAt: now() };
}

function workflowEvent(taskId, event) {
  return { workflowId: `workflow-${taskId}`, taskId, event, timestamp: now() };
}

function statusUpdate(taskId, status, message) {
  return { entityId: taskId, entityType: 'task', status, message, timestamp: now() };
}

/** A message for producer.send(): everything about one task goes to one partition, in order. */
function toMessage(key, value, headers) {
  return { key, value: JSON.stringify(value), ...(headers && { headers }) };
}

module.exports = { TOPICS, task, result, failure, workflowEvent, statusUpdate, toMessage };

'use strict';

// EasyFlow's flat messages:
//   { taskId, type, status, payload, createdAt }            a task; its results look alike
//   { entityId, entityType, status, message, timestamp }    a status update
//   { workflowId, …, timestamp }                            a change of a workflow

const { flatEnvelope } = require('./flat');
const { isDateTime, isText } = require('./content');

const TIMES = ['completedAt', 'createdAt', 'timestamp'];
const UPDATE = 'status_update';

const isUpdate = (body) => isText(body.entityId) && isText(body.entityType);

function show(body) {
  const time = TIMES.map((name) => body[name]).find(isDateTime) ?? null;
  const subject = isUpdate(body)
    ? `${body.entityType}/${body.entityId}`
    : (body.taskId ?? body.workflowId);
  // One entity has the same status more than once, so without a time nothing tells two messages apart.
  const identified = isText(subject) && isText(body.status) && time !== null;
  return {
    type: isText(body.type) ? body.type : isUpdate(body) ? UPDATE : null,
    id: identified ? `${subject}:${body.status}:${time}` : null,
    time,
  };
}

module.exports = flatEnvelope({
  name: 'easyflow',
  matches: (body) => isText(body.taskId) || isText(body.workflowId) || isUpdate(body),
  show,
});

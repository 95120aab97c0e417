'use strict';

// The Task Manager's
//   { headers: { taskId, taskType, timestamp, traceId, spanId }, message }          task.<status of the message>
//   { headers: { requestId, requestType, timestamp, traceId, spanId }, message }    <requestType>.request

const { randomUUID } = require('node:crypto');
const { cannotCarry, compact, isDateTime, isObject, isText, need } = require('./content');
const correlation = require('./correlation');
const { extraHeaders, fromHeaders } = require('./flat');

const name = 'task-manager';
const WEB_CRAWL = 'web-crawl';
const REQUEST = '.request';

const isRequestType = (type) => isText(type) && type.endsWith(REQUEST);

/** Type, id and time that a body shows. */
function show({ headers, message }) {
  const time = headers.timestamp ?? null;
  if (isText(headers.requestId)) {
    const kind = isText(headers.requestType) ? headers.requestType : WEB_CRAWL;
    return { type: `${kind}${REQUEST}`, id: headers.requestId, time };
  }
  const { taskId, taskType = WEB_CRAWL } = headers;
  if (!isText(message.status)) return { type: `${taskType}${REQUEST}`, id: taskId, time };
  // A task has the same status more than once: it may be tried again.
  const id = time === null ? null : `${taskId}:${message.status}:${time}`;
  return { type: `task.${message.status}`, id, time };
}

/** `{ taskId, taskType }` or `{ requestId, requestType }`. */
function identity(type, data, { taskId, taskType, requestId, requestType }) {
  const task = taskId ?? data.taskId;
  const asRequest = requestId !== undefined || (task === undefined && isRequestType(type));
  const kind = isRequestType(type) ? type.slice(0, -REQUEST.length) : WEB_CRAWL;
  if (asRequest) {
    return { requestId: requestId ?? randomUUID(), requestType: requestType ?? kind };
  }
  if (!isText(task)) {
    throw cannotCarry(
      name,
      'expected a taskId or requestId in its metadata, or a taskId in its data',
    );
  }
  return { taskId: task, taskType: taskType ?? kind };
}

function write({ type, data, metadata: given = {}, context = {} }) {
  if (!isObject(data)) throw cannotCarry(name, 'its data is not an object');
  const metadata = compact(given);
  const { traceId, spanId } = correlation.complete(context);
  const headers = compact({
    ...identity(type, data, metadata),
    timestamp: context.time ?? new Date().toISOString(),
    traceId,
    spanId,
    ...metadata,
  });
  const body = { headers, message: data };
  return {
    value: JSON.stringify(body),
    headers: extraHeaders({ type, context }, show(body)),
  };
}

function read(content) {
  const event = content.bodyFor(name);
  const { headers, message } = event;
  need(name, isObject, 'an object', 'headers', headers);
  need(name, isObject, 'an object', 'message', message);
  if (headers.requestId === undefined) {
    need(name, isText, 'a string', 'headers.taskId or headers.requestId', headers.taskId);
    if (headers.taskType !== undefined)
      need(name, isText, 'a string', 'headers.taskType', headers.taskType);
  } else {
    need(name, isText, 'a string', 'headers.requestId', headers.requestId);
  }
  if (headers.timestamp !== undefined) {
    need(name, isDateTime, 'a date and time', 'headers.timestamp', headers.timestamp);
  }
  const { traceId, spanId } = headers;
  return {
    event,
    ...fromHeaders(content, name, show(event)),
    payload: message,
    metadata: headers,
    correlation: correlation.fromMessage(content, { traceId, spanId }),
  };
}

const text = { type: 'string', minLength: 1 };

function schemaOf(type, payload) {
  const forms = [
    { taskId: text, taskType: text },
    { requestId: text, requestType: text },
  ].map((properties) => ({ properties, required: Object.keys(properties) }));
  return {
    type: 'object',
    required: ['headers', 'message'],
    properties: {
      headers: {
        type: 'object',
        required: ['timestamp'],
        properties: {
          timestamp: { type: 'string', format: 'date-time' },
          traceId: { type: 'string' },
          spanId: { type: 'string' },
        },
        anyOf: isRequestType(type) ? forms : [forms[0]],
      },
      message: payload,
    },
  };
}

module.exports = {
  name,
  write,
  matches: ({ body }) =>
    isObject(body?.headers) &&
    isObject(body.message) &&
    (isText(body.headers.taskId) || isText(body.headers.requestId)),
  read,
  schemaOf,
};

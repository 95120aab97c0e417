'use strict';

// Messages that are their own payload. What has no field in them travels in Kafka headers: the type, where the message
// does not show it, an id, metadata.

const { randomUUID } = require('node:crypto');
const { cannotCarry, compact, isDateTime, isObject, isText, need } = require('./content');
const correlation = require('./correlation');

const TYPE = 'event-type';
const ID = 'event-id';
const TIME = 'event-time';
const METADATA = 'event-metadata';

/** Headers of what a message does not show by itself. `shown`: what it does. */
function extraHeaders({ type, metadata, context = {} }, shown) {
  const id = context.eventId ?? (shown.id === null ? randomUUID() : undefined);
  const time = context.time ?? (shown.time === null ? new Date().toISOString() : undefined);
  const hasMetadata = isObject(metadata) && Object.keys(metadata).length > 0;
  return compact({
    [TYPE]: isText(type) && type !== shown.type ? type : undefined,
    [ID]: id !== undefined && id !== shown.id ? id : undefined,
    [TIME]: time !== undefined && time !== shown.time ? time : undefined,
    [METADATA]: hasMetadata ? JSON.stringify(metadata) : undefined,
    ...correlation.toHeaders(context),
  });
}

/** Type, id, time and metadata of a message: headers first, then what it shows. */
function fromHeaders(content, envelope, shown) {
  const metadata = content.header(METADATA);
  const time = content.header(TIME) ?? shown.time;
  if (time !== null) need(envelope, isDateTime, 'a date and time', 'the time', time);
  return {
    type: content.header(TYPE) ?? shown.type,
    id: content.header(ID) ?? shown.id,
    time,
    metadata: metadata === undefined ? {} : metadataOf(metadata, envelope),
  };
}

function metadataOf(text, envelope) {
  let metadata;
  try {
    metadata = JSON.parse(text);
  } catch {
    // Judged below.
  }
  return need(envelope, isObject, 'a JSON object', `the header ${METADATA}`, metadata);
}

/**
 * @param {{ name: string, matches: (body: object) => boolean, show: (body: object) =>
 *   { type: string | null, id: string | null, time: string | null } }} definition
 */
function flatEnvelope({ name, matches, show }) {
  return {
    name,
    write({ type, data, metadata, context }) {
      if (!isObject(data)) throw cannotCarry(name, 'its data is not an object');
      const headers = extraHeaders({ type, metadata, context }, show(data));
      return { value: JSON.stringify(data), headers };
    },
    matches: (content) => content.body !== undefined && matches(content.body),
    read(content) {
      const event = content.bodyFor(name);
      return {
        event,
        ...fromHeaders(content, name, show(event)),
        payload: event,
        correlation: correlation.fromMessage(content),
      };
    },
    schemaOf: (type, payload) => payload,
  };
}

module.exports = { flatEnvelope, extraHeaders, fromHeaders };

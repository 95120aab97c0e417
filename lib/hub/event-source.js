'use strict';

// Requests of server-sent events: which they are, and the subscription that their query stands for.

const { listOf } = require('./handshake');
const { Refusal } = require('./http-answer');
const { isObject } = require('../options/validate');

const SUBSCRIPTION_ID = 0;
const KNOWN = ['channel', 'mode', 'maxRateMs', 'filter'];

/** @param {import('node:http').IncomingMessage} request */
function isEventSource({ method, headers }) {
  return (
    method === 'GET' &&
    listOf(headers.accept).some((type) => type.split(';', 1)[0].trim() === 'text/event-stream')
  );
}

function badQuery(what) {
  return new Refusal(400, `Bad query: ${what}`);
}

function filterOf(text) {
  let filter;
  try {
    filter = JSON.parse(text);
  } catch {
    throw badQuery('filter is not JSON');
  }
  if (!isObject(filter)) throw badQuery('filter is not an object');
  return filter;
}

function rateOf(text) {
  if (!/^\d{1,9}$/.test(text)) throw badQuery('maxRateMs is not a number');
  return Number(text);
}

/**
 * @param {URLSearchParams} query
 * @param {string | undefined} lastEventId the token of the last event that the client saw
 * @returns {object} a message `subscribe`; the shard judges the rest of it
 * @throws {Refusal} 400
 */
function subscribeMessage(query, lastEventId) {
  const channels = query.getAll('channel');
  if (channels.length === 0) throw badQuery('channel is missing');
  for (const name of KNOWN.slice(1)) {
    if (query.getAll(name).length > 1) throw badQuery(`${name} is there twice`);
  }
  const [mode, maxRateMs, filter] = KNOWN.slice(1).map((name) => query.get(name));
  return {
    type: 'subscribe',
    id: SUBSCRIPTION_ID,
    channels,
    ...(mode !== null && { mode }),
    ...(maxRateMs !== null && { maxRateMs: rateOf(maxRateMs) }),
    ...(filter !== null && { filter: filterOf(filter) }),
    ...(lastEventId && { since: lastEventId }),
  };
}

/** A proxy must neither keep nor gather events. */
const EVENT_HEADERS = Object.freeze({
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
});

module.exports = { isEventSource, subscribeMessage, EVENT_HEADERS };

'use strict';

// A service's health and metrics over HTTP: handlers that take node:http's (req, res), Express's (req, res, next) and
// Fastify's (request, reply).

const { checkOptions } = require('../../options/validate');
const { classes } = require('../../errors');
const { shownBy } = require('./health');

const PREFIX = '/api';
const JSON_TYPE = 'application/json; charset=utf-8';
const METHODS = ['GET', 'HEAD'];

const shape = {
  prefix: {
    what: "'' or a path that begins with / and does not end with it",
    test: (value) => typeof value === 'string' && /^(?:\/[^/?#]+)*$/.test(value),
  },
};

/** @typedef {{ status: number, type: string, body: string, headers?: Record<string, string> }} Answer */

/** @returns {Answer} */
const json = (status, value, headers) => ({
  status,
  type: JSON_TYPE,
  body: JSON.stringify(value),
  headers,
});

// ── Answers ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const OK = 200;
const UNAVAILABLE = 503;
const codeOf = (isWell) => (isWell ? OK : UNAVAILABLE);

/** Whether messages flow: the brokers answer, the producer is connected, no group has stopped. */
async function kafka(service) {
  const { status, groups, ...health } = await service.recentHealth();
  return json(codeOf(status === 'up'), {
    status,
    connected: health.connected,
    producer: health.producer,
    consumers: health.consumers,
    brokers: health.brokers,
    cluster: health.cluster,
    reasons: health.reasons,
    groups: groups.map(({ groupId, state, lag }) => ({ groupId, state, lag })),
  });
}

async function detailed(service) {
  const { status, reasons, ...health } = await service.recentHealth();
  return json(codeOf(status === 'up'), {
    status,
    reasons,
    timestamp: new Date().toISOString(),
    uptimeSeconds: Math.round((Date.now() - service.recorder.startedAt) / 1_000),
    service: { state: service.state, catalog: service.catalog.name },
    kafka: health,
    producerQueue: service.publisher.queued,
    breakers: service.subscriptions.breakers.map(({ groupId, breaker }) => ({
      groupId,
      name: breaker.name,
      state: breaker.state,
    })),
  });
}

/**
 * Whether a restart of the process would help: brokers that are away are no reason, a consumer that has crashed for good is.
 * It asks nobody.
 */
async function live(service) {
  const shown = shownBy(service.configuration);
  const reasons = service.subscriptions.groups
    .filter(({ consumer }) => consumer.failure !== null)
    .map(({ groupId, consumer }) => {
      const why = shown(consumer.failure.message);
      return `the group ${groupId} has stopped: ${why}`;
    });
  if (service.state === 'closed') reasons.push('the service is closed');
  const isWell = reasons.length === 0;
  return json(codeOf(isWell), { status: isWell ? 'up' : 'down', reasons });
}

/** Whether work may be given to this process: it is connected, its groups are joined and it is not about to end. */
async function ready(service) {
  const { status, reasons, groups } = await service.recentHealth();
  const joining = groups.filter(({ state }) => state === 'joining');
  const missing = [
    ...(status === 'down' ? reasons : []),
    ...joining.map(({ groupId }) => `the group ${groupId} is not joined yet`),
  ];
  const isWell = missing.length === 0;
  return json(codeOf(isWell), { status: isWell ? 'up' : 'down', reasons: missing });
}

const metrics = async (service) => ({
  status: OK,
  body: await service.metrics(),
  type: service.metricsContentType,
});

const metricsJson = async (service) => json(OK, await service.metricsJson());

/** Below the prefix. */
const ROUTES = {
  '/health/kafka': kafka,
  '/health/detailed': detailed,
  '/health/live': live,
  '/health/ready': ready,
  '/metrics': metrics,
  '/metrics/json': metricsJson,
};

/** @returns {Answer} */
function failed(service, error) {
  const status = error instanceof classes.KafkaJSUnsupportedError ? 501 : 500;
  return json(status, { error: shownBy(service.configuration)(error.message) });
}

const notFound = () => json(404, { error: 'Not found' });
const wrongMethod = () =>
  json(405, { error: 'Only GET and HEAD are allowed' }, { allow: METHODS.join(', ') });

// ── Handlers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** @param {Answer} answer */
function respond(res, { status, type, body, headers }) {
  const all = { 'content-type': type, 'cache-control': 'no-store', ...headers };
  // Fastify's reply: what its hooks and plugins add belongs to the answer too.
  if (res.raw !== undefined) return res.code(status).headers(all).send(body);
  if (res.headersSent || res.writableEnded) return undefined;
  res.statusCode = status;
  for (const [name, value] of Object.entries(all)) res.setHeader(name, value);
  res.end(body); // Without the body for HEAD: Node.js knows the method.
  return undefined;
}

/** @param {(service: object) => Promise<Answer>} answerOf */
const handlerOf = (service, answerOf) => async (req, res) => {
  let answer;
  try {
    answer = METHODS.includes(req.method) ? await answerOf(service) : wrongMethod();
  } catch (error) {
    answer = failed(service, error);
  }
  return respond(res, answer);
};

/**
 * A handler for each path: `app.get(path, handler)` of Express and Fastify.
 *
 * @param {import('../kafka-service').KafkaService} service
 * @param {{ prefix?: string }} [options] of the paths: /api
 * @returns {Record<string, (req: object, res: object) => Promise<unknown>>}
 */
function httpHandlers(service, options) {
  const { prefix = PREFIX } = checkOptions(shape, options, 'httpHandlers()');
  return Object.fromEntries(
    Object.entries(ROUTES).map(([path, answerOf]) => [prefix + path, handlerOf(service, answerOf)]),
  );
}

/**
 * One handler for all paths: `http.createServer(handler)`, `app.use(handler)`, `fastify.all('/api/*', handler)`. Other paths
 * are Express's next one's, and not found elsewhere.
 *
 * @param {import('../kafka-service').KafkaService} service
 * @param {{ prefix?: string }} [options]
 */
function createHttpHandler(service, options) {
  const handlers = new Map(Object.entries(httpHandlers(service, options)));
  return async (req, res, next) => {
    const [path] = req.url.split('?', 1);
    const handler = handlers.get(path);
    if (handler !== undefined) return handler(req, res);
    if (typeof next === 'function') return next();
    return respond(res, notFound());
  };
}

module.exports = { httpHandlers, createHttpHandler };

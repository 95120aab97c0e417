'use strict';

const http = require('node:http');
const express = require('express');
const fastify = require('fastify');
const { Gauge, Registry } = require('prom-client');
const { createHttpHandler } = require('../../../lib/service');
const { RecentHealth } = require('../../../lib/service/monitoring/health');
const { unsupported } = require('../../../lib/options/validate');
const { embeddedBroker } = require('../../shared/brokers');
const { until } = require('../../shared/consumer-tools');
const { parseExposition, valueOf } = require('../../shared/exposition');
const { someWork } = require('../../shared/monitoring');
const { created, ordersOf } = require('../../shared/orders');

const broker = embeddedBroker();
const { start } = ordersOf(broker);

const servers = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((close) => close()));
});

/** @returns {Promise<string>} the address of a listening node:http server */
async function listening(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${server.address().port}`;
}

async function listeningFastify(app) {
  servers.push(() => app.close());
  return app.listen({ port: 0, host: '127.0.0.1' });
}

/** One handler for all paths. */
const MOUNTED = {
  'node:http': (service) => listening(http.createServer(createHttpHandler(service))),
  Express: (service) => listening(http.createServer(express().use(createHttpHandler(service)))),
  Fastify: (service) => listeningFastify(fastify().all('/api/*', createHttpHandler(service))),
};

async function get(url, options) {
  const response = await fetch(url, options);
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: type.startsWith('application/json') && text !== '' ? JSON.parse(text) : null,
  };
}

const JSON_PATHS = [
  '/api/health/kafka',
  '/api/health/detailed',
  '/api/health/live',
  '/api/health/ready',
  '/api/metrics/json',
];

describe.each(Object.entries(MOUNTED))('mounted in %s', (_, mount) => {
  it('answers every path, to GET and to HEAD', async () => {
    const started = await start();
    const { service, topic, group } = started;
    await someWork(started);
    const base = await mount(service);

    for (const path of JSON_PATHS) {
      const { status, headers, body } = await get(`${base}${path}?verbose=1`);
      expect([path, status]).toEqual([path, 200]);
      expect(body).not.toBeNull();
      expect(headers.get('cache-control')).toBe('no-store');
      const head = await get(base + path, { method: 'HEAD' });
      expect([head.status, head.text]).toEqual([200, '']);
    }
    const { body: kafka } = await get(`${base}/api/health/kafka`);
    expect(kafka).toMatchObject({
      status: 'up',
      connected: true,
      producer: true,
      consumers: 1,
      brokers: broker.bootstrap,
      reasons: [],
      groups: [{ groupId: group, state: 'consuming' }],
    });
    const { body: detailed } = await get(`${base}/api/health/detailed`);
    expect(detailed.kafka.groups[0].partitions).toMatchObject([{ topic, partition: 0 }]);
    expect(detailed.kafka.processing).toMatchObject({ errorRate: expect.any(Number) });

    const metrics = await get(`${base}/api/metrics`);
    expect(metrics.status).toBe(200);
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const families = parseExposition(metrics.text);
    expect(valueOf(families, 'kafka_consumer_messages_processed_total', { topic })).toBe(1);
  });

  it('allows no other method, and does not know other paths', async () => {
    const { service } = await start();
    const base = await mount(service);
    const post = await get(`${base}/api/health/kafka`, { method: 'POST' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await get(`${base}/api/health`)).status).toBe(404);
    expect((await get(`${base}/api/metrics/other`)).status).toBe(404);
  });
});

describe('httpHandlers()', () => {
  it('mounts path by path in Express and in Fastify, under any prefix', async () => {
    const { service } = await start();
    const app = express();
    const other = fastify();
    for (const [path, handler] of Object.entries(service.httpHandlers({ prefix: '/ops' }))) {
      app.get(path, handler);
      other.get(path, handler);
    }
    for (const base of [await listening(http.createServer(app)), await listeningFastify(other)]) {
      expect((await get(`${base}/ops/health/kafka`)).body.status).toBe('up');
      expect((await get(`${base}/ops/metrics`)).status).toBe(200);
      expect((await get(`${base}/api/health/kafka`)).status).toBe(404);
    }
  });

  it('leaves other paths of Express to the application', async () => {
    const { service } = await start();
    const app = express().use(createHttpHandler(service));
    app.get('/api/orders', (_, res) => res.json(['a']));
    const base = await listening(http.createServer(app));
    expect((await get(`${base}/api/orders`)).body).toEqual(['a']);
  });

  it('refuses a prefix that is no path', async () => {
    const { service } = await start();
    expect(() => service.httpHandlers({ prefix: 'ops/' })).toThrow(/for prefix but received "ops/);
    expect(() => createHttpHandler(service, { path: '/ops' })).toThrow(/Unknown option "path"/);
  });
});

describe('what is not well', () => {
  const mount = MOUNTED['node:http'];

  it('brokers that are away: not healthy, not ready, but no reason to restart', async () => {
    const { service } = await start();
    const base = await mount(service);
    expect((await get(`${base}/api/health/ready`)).status).toBe(200);
    await broker.stopBroker();
    try {
      let kafka;
      const isDown = async () => {
        kafka = await get(`${base}/api/health/kafka`);
        return kafka.status === 503;
      };
      while (!(await isDown()));
      expect(kafka.body).toMatchObject({ status: 'down', connected: false });
      expect(kafka.body.reasons.join()).not.toBe('');
      expect(await get(`${base}/api/health/ready`)).toMatchObject({
        status: 503,
        body: { status: 'down', reasons: kafka.body.reasons },
      });
      expect((await get(`${base}/api/health/live`)).status).toBe(200);
      expect((await get(`${base}/api/metrics`)).status).toBe(200);
    } finally {
      await broker.startBroker();
    }
  });

  it('a consumer that has stopped for good: the reason without secrets, and a restart is wanted', async () => {
    const { service, group } = await start();
    const base = await mount(service);
    const store = {
      claim: () => Promise.reject(new TypeError('postgres://app:hunter2@db/orders is away')),
      release: async () => true,
    };
    await service.subscribe('orders', group, () => {}, { idempotency: { store, id: () => 'a' } });
    expect((await get(`${base}/api/health/live`)).status).toBe(200);
    await service.publish('orders', created('a'));
    await until(() => service.subscriptions.groups[0].consumer.failure !== null);
    const live = await get(`${base}/api/health/live`);
    expect(live.status).toBe(503);
    expect(live.body.reasons.join()).toContain(`the group ${group} has stopped`);
    const health = await service.healthCheck();
    expect(health.status).toBe('degraded');
    for (const text of [live.text, JSON.stringify(health)]) {
      expect(text).toContain('db/orders is away');
      expect(text).not.toContain('hunter2');
    }
  });

  it('a service that ends is not ready from that moment on', async () => {
    const { service } = await start();
    const base = await mount(service);
    expect((await get(`${base}/api/health/ready`)).status).toBe(200);
    const ended = service.shutdown();
    expect((await get(`${base}/api/health/ready`)).status).toBe(503);
    await ended;
    expect(await get(`${base}/api/health/kafka`)).toMatchObject({
      status: 503,
      body: { status: 'down', reasons: ['the service is closed'] },
    });
    expect((await get(`${base}/api/health/live`)).status).toBe(503);
  });

  it('metrics that fail are an answer, not a crash', async () => {
    const metricsRegistry = new Registry();
    const { service } = await start({ service: { metricsRegistry } });
    const collect = () => {
      throw new Error('password=hunter2 is wrong');
    };
    new Gauge({ name: 'broken', help: 'Broken', registers: [metricsRegistry], collect });
    const base = await mount(service);
    const broken = await get(`${base}/api/metrics`);
    expect([broken.status, broken.body.error]).toEqual([500, 'password=*** is wrong']);
    service.metrics = () => Promise.reject(unsupported('metrics()', 'npm install prom-client'));
    const missing = await get(`${base}/api/metrics`);
    expect([missing.status, missing.body.error]).toEqual([
      501,
      expect.stringContaining('npm install prom-client'),
    ]);
  });
});

describe('probes do not hammer the brokers', () => {
  it('many at once are one question', async () => {
    const { service } = await start();
    const paths = ['kafka', 'detailed', 'ready'].flatMap((name) => Array(5).fill(name));
    const server = http.createServer(createHttpHandler(service));
    let arrived = 0;
    const allArrived = new Promise((resolve) => {
      server.on('request', () => (arrived += 1) === paths.length && resolve());
    });
    const { healthCheck } = service;
    const asked = jest.spyOn(service, 'healthCheck').mockImplementation(async () => {
      await allArrived;
      return healthCheck.call(service);
    });
    const base = await listening(server);
    const answers = await Promise.all(paths.map((name) => get(`${base}/api/health/${name}`)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('an answer is good for a second, unless the state of the service changes', async () => {
    jest.useFakeTimers();
    try {
      const service = { state: 'ready', healthCheck: jest.fn(async () => ({})) };
      const recent = new RecentHealth(service);
      const first = await recent.get();
      jest.advanceTimersByTime(900);
      expect(await recent.get()).toBe(first);
      jest.advanceTimersByTime(200);
      expect(await recent.get()).not.toBe(first);
      service.state = 'closing';
      await recent.get();
      expect(service.healthCheck).toHaveBeenCalledTimes(3);
    } finally {
      jest.useRealTimers();
    }
  });
});

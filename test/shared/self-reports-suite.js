'use strict';

// What a service tells of itself on the topics of its catalog, on any broker.

const { DLQHandler, KafkaService, loadCatalog } = require('../../lib/service');
const { logLevel } = require('../../lib');
const { clientsOf, unique } = require('./clients');
const { until } = require('./consumer-tools');
const { QUICK, catalogOf, created } = require('./orders');

function selfReportsSuite(broker) {
  jest.setTimeout(120_000);
  const clients = clientsOf(broker);
  const open = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((close) => close()));
  });

  const settings = () => ({
    brokers: broker.bootstrap.split(','),
    logLevel: logLevel.NOTHING,
    clientId: 'shop',
    env: {},
    file: null,
    consumer: { maxWaitTimeInMs: 50, fromBeginning: true },
    policies: { retry: QUICK },
  });

  async function serviceOf(options) {
    const service = new KafkaService({ ...settings(), ...options });
    open.push(() => service.shutdown());
    await service.initialize();
    return service;
  }

  /** A shipped catalog whose `own` topics, and these, are this test's alone. */
  async function ownTopics(catalog, ids = []) {
    const topics = {};
    for (const id of [...Object.values(loadCatalog(catalog).own), ...ids]) {
      topics[id] = unique(id);
      await broker.createTopic(topics[id], 1);
    }
    return topics;
  }

  const eventsOf = async (topic, enough) => {
    const parse = (messages) => messages.map(({ value }) => JSON.parse(value));
    return parse(await clients.readUntil(topic, (messages) => enough(parse(messages))));
  };
  const actionsOf = (events) => events.map(({ data, payload }) => (data ?? payload).action);

  it('etelios: audit of start, dead letter and end; errors; health', async () => {
    const topics = await ownTopics('etelios', ['user.created']);
    await broker.createTopic(`dlq.${topics['user.created']}`, 1);
    const service = await serviceOf({
      catalog: 'etelios',
      topics,
      reports: { healthIntervalMs: 50 },
    });
    await service.subscribe('user.created', unique('mailer'), async () => {
      throw new Error('no such mailbox');
    });
    await service.publishEvent('user.created', {
      type: 'USER_CREATED',
      data: { userId: 'u-1', email: 'a@b.example', role: 'staff' },
      metadata: {},
    });
    const [failure] = await eventsOf(topics['service.error'], (all) => all.length >= 1);
    // The first ones may find a group that is still joining.
    const isUp = ({ data }) => data.status === 'up';
    const healths = await eventsOf(topics['service.health'], (all) => all.some(isUp));
    await service.shutdown();
    const audit = await eventsOf(topics['audit.log'], (all) => all.length >= 3);
    expect(actionsOf(audit)).toEqual(['service.started', 'dead-letter', 'service.stopped']);
    expect(audit[1]).toMatchObject({
      type: 'AUDIT_LOG',
      data: {
        service: 'shop',
        actor: 'shop',
        resource: `${topics['user.created']}/0/0`,
        outcome: 'failure',
        details: { reason: 'attempts', deadLetterTopic: `dlq.${topics['user.created']}` },
      },
      metadata: { source: 'shop', eventId: expect.any(String) },
    });
    expect(failure).toMatchObject({
      type: 'SERVICE_ERROR',
      data: { service: 'shop', message: 'no such mailbox', details: { attempts: 3 } },
    });
    expect(healths.find(isUp)).toMatchObject({
      type: 'SERVICE_HEALTH',
      data: { service: 'shop', status: 'up', details: { connected: true } },
    });
  });

  it('officeflow: figures again and again, audit of what a DLQHandler does', async () => {
    const topics = await ownTopics('officeflow');
    const service = await serviceOf({
      catalog: 'officeflow',
      topics,
      reports: { metricsIntervalMs: 50 },
    });
    const figures = await eventsOf(topics['metrics.events'], (all) => all.length >= 2);
    expect(figures[1]).toMatchObject({
      type: 'metrics.event',
      payload: {
        service: 'shop',
        metrics: { uptimeSeconds: expect.any(Number), sent: expect.any(Number), failed: 0 },
      },
    });

    const original = unique('workflow');
    const dead = `dlq.${original}`;
    for (const topic of [original, dead]) await broker.createTopic(topic, 1);
    const producer = await clients.producer();
    await producer.send({ topic: dead, messages: [{ value: 'x' }] });
    const { brokers, logLevel: level } = settings();
    const dlq = new DLQHandler({ brokers, logLevel: level }, { groupId: unique('handler') });
    open.push(() => dlq.stop());
    service.auditDeadLetters(dlq);
    const { to } = await dlq.quarantine({ topic: dead, partition: 0, offset: '0' });
    const [held] = await dlq.list({ topic: original, quarantined: true });
    await dlq.release(held);
    const audit = await eventsOf(topics['audit.events'], (all) => all.length >= 3);
    expect(actionsOf(audit)).toEqual([
      'service.started',
      'dead-letter.quarantined',
      'dead-letter.released',
    ]);
    expect(audit[1].payload).toMatchObject({
      resource: `${dead}/0/0`,
      details: { topic: original, to, why: 'by-hand', automatic: false },
    });
  });

  /** Orders, and an audit topic on which they are told. */
  async function audited(schema = {}) {
    const names = [unique('orders'), unique('audit')];
    for (const name of names) {
      await broker.createTopic(name, 1);
      await broker.createTopic(`dlq.${name}`, 1);
    }
    const [orders, audit] = names;
    const catalog = catalogOf(orders);
    catalog.topics.push({ id: 'audit', name: audit, events: ['noted'] });
    catalog.events.noted = { schema };
    catalog.own = { audit: 'audit' };
    return { catalog, orders, audit };
  }

  it('a message of a report topic that was given up is no report: it would never end', async () => {
    const { catalog, audit } = await audited();
    const service = await serviceOf({ catalog, reports: true });
    await service.subscribe('audit', unique('auditor'), async () => {
      throw new Error('the archive is full');
    });
    await until(() => service.recorder.topics.get(audit)?.outcomes.get('buried') === 1);
    await service.shutdown();
    const events = await eventsOf(audit, (all) => all.length >= 2);
    expect(actionsOf(events)).toEqual(['service.started', 'service.stopped']);
  });

  it('a report that the catalog refuses fails nothing', async () => {
    const { catalog, orders, audit } = await audited({ type: 'object', required: ['nothing'] });
    const service = await serviceOf({ catalog, reports: true });
    const seen = [];
    await service.subscribe('orders', unique('group'), async ({ data }) => {
      seen.push(data.orderId);
      if (data.orderId === 'bad') throw new Error('no');
    });
    await service.publish('orders', ['bad', 'good'].map(created));
    await until(() => seen.includes('good'));
    expect(await clients.readAll(`dlq.${orders}`)).toHaveLength(1);
    await service.shutdown();
    expect(await clients.readAll(audit)).toEqual([]);
  });

  it('is off unless asked for, and wants a catalog that has topics for it', async () => {
    const { catalog, audit } = await audited();
    const silent = await serviceOf({ catalog });
    await silent.shutdown();
    expect(await clients.readAll(audit)).toEqual([]);
    delete catalog.own;
    expect(() => new KafkaService({ ...settings(), catalog, reports: true })).toThrow(
      expect.objectContaining({ option: 'reports' }),
    );
    const wrong = { catalog: 'etelios', reports: { healthInterval: 5 } };
    expect(() => new KafkaService({ ...settings(), ...wrong })).toThrow(/reports\.healthInterval/);
  });
}

module.exports = { selfReportsSuite };

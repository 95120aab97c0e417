'use strict';

// A hub on a topic of its own behind a server, for the suites of StatusHub; everything ends after its test.

const http = require('node:http');
const https = require('node:https');
const { Kafka, StatusHub, logLevel } = require('../../lib');
const { unique } = require('./clients');
const { connectEvents, connectSocket, serverTls } = require('./hub-clients');

/** The ways from a hub to its clients. */
const TRANSPORTS = {
  descriptor: { isSecure: false, options: { transport: 'auto' }, isEvents: false },
  relay: { isSecure: false, options: { transport: 'relay' }, isEvents: false },
  'relay over TLS': { isSecure: true, options: {}, isEvents: false },
  events: { isSecure: false, options: {}, isEvents: true },
};

const everybody = { anonymous: { allow: ['*'] } };
const message = ({ type = 'task', id, ...data }) => ({
  key: `${type}-${id}`,
  value: JSON.stringify({ type, id, ...data }),
});
const tombstone = ({ type = 'task', id }) => ({ key: `${type}-${id}`, value: null });

/** @param {{ bootstrap: string, createTopic: Function }} broker see brokers.js */
function hubTools(broker) {
  let producer;
  const open = [];
  const onEnd = (end) => open.push(end);

  const kafka = (options = {}) =>
    new Kafka({ brokers: broker.bootstrap.split(','), logLevel: logLevel.NOTHING, ...options });

  beforeAll(async () => {
    producer = kafka().producer();
    await producer.connect();
  });
  afterAll(() => producer?.disconnect());
  afterEach(async () => {
    for (const end of open.splice(0).reverse()) await end();
  });

  async function newTopic(partitions = 2) {
    const topic = unique('hub');
    await broker.createTopic(topic, partitions);
    return topic;
  }

  async function listening(server) {
    await new Promise((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    onEnd(() => {
      server.closeAllConnections?.();
      return new Promise((resolve) => {
        server.close(resolve);
      });
    });
    const scheme = server instanceof https.Server ? 'https' : 'http';
    return `${scheme}://127.0.0.1:${server.address().port}`;
  }

  const newServer = (isSecure, handler = (_, res) => res.writeHead(404).end('app')) =>
    isSecure ? https.createServer(serverTls, handler) : http.createServer(handler);

  const send = (topic, ...messages) => producer.send({ topic, messages });

  /** A hub that is attached to nothing. */
  function newHub(topic, options = everybody, { authenticate, authorize } = {}, of = kafka()) {
    const hub = new StatusHub(of, { topics: [topic], channel: '{type}/{id}', ...options });
    if (authenticate !== undefined) hub.authenticate(authenticate);
    if (authorize !== undefined) hub.authorize(authorize);
    onEnd(() => hub.close());
    return hub;
  }

  /** A server with the hub; what `attaching` is for is not waited for. */
  async function attach(hub, transport, server = newServer(transport.isSecure)) {
    const base = await listening(server);
    const url = `${base}/status`;
    return {
      server,
      base,
      url,
      attaching: hub.attach(server),
      connect: (how) => clientOf(connectSocket(url, how)),
      open: (how) => openOn(transport, url, how),
    };
  }

  /**
   * @param {object} [settings]
   * @param {object} [settings.transport] one of TRANSPORTS
   * @param {string} [settings.topic]
   * @param {object} [settings.options] of StatusHub
   * @param {import('node:http').Server} [settings.server]
   * @returns {Promise<object>} ready
   */
  async function start({
    transport = TRANSPORTS.descriptor,
    topic,
    options = everybody,
    server,
    ...rights
  } = {}) {
    const name = topic ?? (await newTopic());
    const hub = newHub(name, { ...transport.options, ...options }, rights);
    const connects = [];
    hub.on('connect', (event) => connects.push(event));
    const { attaching, ...at } = await attach(hub, transport, server);
    await attaching;
    await hub.whenReady();
    /** `connects`: the events 'connect'. */
    return { ...at, hub, topic: name, connects, send: (...messages) => send(name, ...messages) };
  }

  async function clientOf(connecting) {
    const client = await connecting;
    onEnd(() => client.cut());
    return client;
  }

  /** A client that has subscribed, with id 0 as server-sent events have it. */
  async function openOn({ isEvents }, url, { headers, token, since, ...subscribe } = {}) {
    const how = { headers: { ...headers }, token };
    const wanted = { channel: ['task/*'], ...subscribe };
    if (isEvents) {
      if (since !== undefined) how.headers['Last-Event-ID'] = since;
      const client = await clientOf(connectEvents(url, { ...how, ...wanted }));
      await client.next('welcome');
      return client;
    }
    const client = await clientOf(connectSocket(url, how));
    await client.next('welcome');
    const { channel: channels, ...more } = wanted;
    client.send({ type: 'subscribe', id: 0, channels: [channels].flat(), ...more, since });
    return client;
  }

  return { kafka, newTopic, newServer, newHub, listening, attach, send, start, onEnd };
}

module.exports = { hubTools, TRANSPORTS, everybody, message, tombstone };

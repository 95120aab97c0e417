'use strict';

// Who may log in by which token or password, and what an authorizer lets him do: on a broker with StandardAuthorizer.
// The administrator comes by the open listener, whose user is a super user; everybody else has to log in.

const { setTimeout: delay } = require('node:timers/promises');
const {
  AclOperationTypes: OPERATION,
  AclPermissionTypes: PERMISSION,
  AclResourceTypes: RESOURCE,
  Kafka,
  KafkaJSProtocolError,
  KafkaJSSASLAuthenticationError,
  logLevel,
  ResourcePatternTypes: PATTERN,
} = require('../../lib');
const { startKafka } = require('../../scripts/real-kafka');

/** connect() tries for 15 s, send() for longer, where trying again may help. */
const SOON_MS = 12_000;
const SECURITY = 'org.apache.kafka.common.security.oauthbearer';

let kafka;
let admin;
let number = 0;
const open = [];

beforeAll(async () => {
  kafka = await startKafka({
    listeners: [
      { name: 'LOGIN', protocol: 'SASL_PLAINTEXT' },
      { name: 'TOKEN', protocol: 'SASL_PLAINTEXT' },
    ],
    users: [{ name: 'root', password: 'root-secret', mechanism: 'SCRAM-SHA-512' }],
    properties: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
      'auto.create.topics.enable': false,
      'listener.name.login.sasl.enabled.mechanisms': 'SCRAM-SHA-256,SCRAM-SHA-512',
      'listener.name.login.scram-sha-256.sasl.jaas.config':
        'org.apache.kafka.common.security.scram.ScramLoginModule required;',
      'listener.name.token.sasl.enabled.mechanisms': 'OAUTHBEARER',
      'listener.name.token.oauthbearer.sasl.jaas.config': `${SECURITY}.OAuthBearerLoginModule required;`,
      'listener.name.token.oauthbearer.sasl.server.callback.handler.class': `${SECURITY}.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler`,
      // A connection whose token is over must show a new one.
      'listener.name.token.oauthbearer.connections.max.reauth.ms': 60_000,
    },
  });
  admin = new Kafka({ brokers: [kafka.bootstrapServers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
});

afterEach(() => Promise.all(open.splice(0).map((client) => client.disconnect())));

afterAll(async () => {
  await admin?.disconnect();
  await kafka?.stop();
});

const unique = (name) => `${name}-${(number += 1)}`;

function clientsOf(listener, sasl) {
  const client = new Kafka({
    brokers: [kafka.listeners[listener]],
    sasl,
    logLevel: logLevel.NOTHING,
  });
  const tracked = (each) => {
    open.push(each);
    return each;
  };
  return {
    producer: (options) => tracked(client.producer(options)),
    consumer: (options) => tracked(client.consumer({ maxWaitTimeInMs: 50, ...options })),
    admin: (options) => tracked(client.admin(options)),
  };
}

async function newTopic() {
  const topic = unique('topic');
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1 }] });
  return topic;
}

const acl = (user, resourceType, resourceName, operation, more) => ({
  resourceType,
  resourceName,
  resourcePatternType: PATTERN.LITERAL,
  principal: `User:${user}`,
  host: '*',
  operation,
  permissionType: PERMISSION.ALLOW,
  ...more,
});

const filterOf = (user) => ({
  resourceType: RESOURCE.ANY,
  resourcePatternType: PATTERN.ANY,
  principal: `User:${user}`,
  operation: OPERATION.ANY,
  permissionType: PERMISSION.ANY,
});

/** Resolves when the broker itself knows: the controller, which takes a change, answers sooner. */
async function applied(isThere) {
  while (!(await isThere())) await delay(10);
}

async function grant(...entries) {
  await admin.createAcls({ acl: entries });
  for (const { principal, resourceName, operation } of entries) {
    const filter = { ...filterOf(principal.replace('User:', '')), resourceName, operation };
    await applied(async () => (await admin.describeAcls(filter)).resources.length > 0);
  }
}

/** What a call was rejected with, and that it did not take long. */
async function soonRejected(promise) {
  const started = Date.now();
  const error = await promise.then(
    () => null,
    (reason) => reason,
  );
  expect(Date.now() - started).toBeLessThan(SOON_MS);
  return error;
}

/** The first error a consumer ends with, and the first value it hands out: whichever comes. */
async function firstOutcome(consumer, topic) {
  let outcome;
  const settled = new Promise((resolve) => {
    outcome = resolve;
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => outcome({ error: payload.error }));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer
    .run({ eachMessage: async ({ message }) => outcome({ value: String(message.value) }) })
    .catch((error) => outcome({ error }));
  return settled;
}

const descriptionOf = async (user) => (await admin.describeUserScramCredentials([user]))[0];

describe('a login by OAUTHBEARER', () => {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

  /** An unsecured JWT: whoever may know such a one is a matter of the broker's validator. */
  function token(user, lifetimeMs, claims = {}) {
    const seconds = Date.now() / 1_000;
    const body = { sub: user, iat: seconds, exp: seconds + lifetimeMs / 1_000, ...claims };
    return `${part({ alg: 'none' })}.${part(body)}.`;
  }

  const login = (oauthBearerProvider) => ({ mechanism: 'oauthbearer', oauthBearerProvider });

  beforeAll(() =>
    grant(
      acl('olga', RESOURCE.TOPIC, '*', OPERATION.ALL),
      acl('olga', RESOURCE.GROUP, '*', OPERATION.ALL),
    ),
  );

  test('a provider that takes its time: a message goes round', async () => {
    const topic = await newTopic();
    const clients = clientsOf(
      'TOKEN',
      login(async () => {
        await delay(50);
        return { value: token('olga', 60_000) };
      }),
    );
    const producer = clients.producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'by token' }] });
    const consumer = clients.consumer({ groupId: unique('group') });
    expect(await firstOutcome(consumer, topic)).toEqual({ value: 'by token' });
  });

  test('a token is replaced before it ends, and sending goes on past its end', async () => {
    const LIFETIME_MS = 20_000; // librdkafka looks once a second, from 80 % of it on
    const topic = await newTopic();
    const given = [];
    const producer = clientsOf(
      'TOKEN',
      login(async () => {
        given.push(Date.now());
        return { value: token('olga', LIFETIME_MS) };
      }),
    ).producer({ retry: { retries: 0 } });
    await producer.connect();
    let sent = 0;
    while (Date.now() < given[0] + LIFETIME_MS + 500) {
      await producer.send({ topic, messages: [{ value: `${(sent += 1)}` }] });
    }
    expect(given.length).toBeGreaterThanOrEqual(2);
    expect(given[1] - given[0]).toBeLessThan(LIFETIME_MS);
    const [{ high }] = await admin.fetchTopicOffsets(topic);
    expect(Number(high)).toBe(sent);
  });

  test.each([
    ['that is no JWT', async () => ({ value: 'no-such-token', principal: 'olga' })],
    ['without a user', async () => ({ value: token('', 60_000), principal: 'olga' })],
    [
      'that is over by its own claim',
      async () => ({ value: token('olga', -60_000), lifetime: Date.now() + 60_000 }),
    ],
  ])('a token %s is refused soon, and shown nowhere', async (_, provider) => {
    const clients = clientsOf('TOKEN', login(provider));
    const { value } = await provider();
    for (const client of [
      clients.producer(),
      clients.consumer({ groupId: unique('group') }),
      clients.admin(),
    ]) {
      const error = await soonRejected(client.connect());
      expect(error).toBeInstanceOf(KafkaJSSASLAuthenticationError);
      expect(error).toMatchObject({ errorCode: 'ERR_KAFKA_AUTHENTICATION', retriable: false });
      expect(`${error.stack}${JSON.stringify(error)}`).not.toContain(value);
    }
  });

  test.each([
    [
      'rejects',
      async () => {
        throw new Error('the identity provider is closed');
      },
      /the identity provider is closed/,
    ],
    ['gives nothing', async () => undefined, /non-empty string "value"/],
    ['gives a token that is over', async () => ({ value: token('olga', -1_000) }), /expired/],
  ])('a provider that %s is named as the reason', async (_, provider, reason) => {
    const error = await soonRejected(clientsOf('TOKEN', login(provider)).producer().connect());
    expect(error).toBeInstanceOf(KafkaJSSASLAuthenticationError);
    expect(error.message).toMatch(reason);
  });
});

describe('SCRAM users', () => {
  test.each(['SCRAM-SHA-256', 'SCRAM-SHA-512'])(
    '%s: made, used, given another password, removed',
    async (mechanism) => {
      const user = unique('user');
      const login = (password) =>
        clientsOf('LOGIN', { mechanism, username: user, password }).producer().connect();
      const alter = (password, more) =>
        admin.alterUserScramCredentials({ upsertions: [{ user, mechanism, password, ...more }] });

      await alter('first', { iterations: 8_192 });
      await applied(async () => (await descriptionOf(user)).error === null);
      expect(await descriptionOf(user)).toEqual({
        user,
        error: null,
        credentials: [{ mechanism, iterations: 8_192 }],
      });
      await login('first');

      const salt = Buffer.from('a salt of our own').toString('base64');
      await alter('second', { salt, iterations: 5_000 });
      const iterations = async () => (await descriptionOf(user)).credentials[0].iterations;
      await applied(async () => (await iterations()) === 5_000);
      await login('second');
      expect(await soonRejected(login('first'))).toMatchObject({
        errorCode: 'ERR_KAFKA_AUTHENTICATION',
      });

      await admin.alterUserScramCredentials({ deletions: [{ user, mechanism }] });
      await applied(async () => (await descriptionOf(user)).error !== null);
      expect((await descriptionOf(user)).error).toMatchObject({ type: 'RESOURCE_NOT_FOUND' });
      expect(await soonRejected(login('second'))).toMatchObject({
        errorCode: 'ERR_KAFKA_AUTHENTICATION',
      });
    },
  );

  test('without names all users are described', async () => {
    const user = unique('user');
    // Kafka takes one change of a user a request.
    for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512']) {
      const upsertion = { user, mechanism, password: 'secret' };
      await admin.alterUserScramCredentials({ upsertions: [upsertion] });
    }
    await applied(async () => (await descriptionOf(user)).credentials.length === 2);
    const all = await admin.describeUserScramCredentials();
    const mechanisms = (name) =>
      all
        .find((each) => each.user === name)
        .credentials.map(({ mechanism }) => mechanism)
        .sort();
    expect(mechanisms(user)).toEqual(['SCRAM-SHA-256', 'SCRAM-SHA-512']);
    expect(mechanisms('root')).toEqual(['SCRAM-SHA-512']);
  });

  test('to remove who is not there is an error', async () => {
    const deletions = [{ user: 'nobody', mechanism: 'SCRAM-SHA-256' }];
    const error = await soonRejected(admin.alterUserScramCredentials({ deletions }));
    expect(error).toBeInstanceOf(KafkaJSProtocolError);
    expect(error).toMatchObject({ type: 'RESOURCE_NOT_FOUND' });
  });
});

describe('ACLs', () => {
  async function newUser(name) {
    const user = unique(name);
    const mechanism = 'SCRAM-SHA-256';
    await admin.alterUserScramCredentials({
      upsertions: [{ user, mechanism, password: 'secret' }],
    });
    await applied(async () => (await descriptionOf(user)).error === null);
    return {
      user,
      mechanism,
      ...clientsOf('LOGIN', { mechanism, username: user, password: 'secret' }),
    };
  }

  test('are created, described and deleted', async () => {
    const { user } = await newUser('listed');
    const entries = [
      acl(user, RESOURCE.TOPIC, 'orders', OPERATION.READ),
      acl(user, RESOURCE.TOPIC, 'orders', OPERATION.WRITE, { permissionType: PERMISSION.DENY }),
      acl(user, RESOURCE.GROUP, 'team-', OPERATION.READ, { resourcePatternType: PATTERN.PREFIXED }),
      acl(user, RESOURCE.TRANSACTIONAL_ID, 'tx', OPERATION.ALL, { host: '127.0.0.1' }),
    ];
    expect(await admin.createAcls({ acl: entries })).toBe(true);

    const resourcesOf = async () => (await admin.describeAcls(filterOf(user))).resources;
    await applied(async () => (await resourcesOf()).flatMap(({ acls }) => acls).length === 4);
    const resources = await resourcesOf();
    const listed = resources.flatMap(({ acls, ...resource }) =>
      acls.map((each) => ({ ...resource, ...each })),
    );
    const sorted = (list) => list.map((each) => JSON.stringify(Object.entries(each).sort())).sort();
    expect(sorted(listed)).toEqual(sorted(entries));
    expect(resources.find(({ resourceName }) => resourceName === 'orders').acls).toHaveLength(2);

    const filter = { ...filterOf(user), resourceType: RESOURCE.TOPIC };
    const { filterResponses } = await admin.deleteAcls({ filters: [filter] });
    expect(filterResponses[0].matchingAcls).toHaveLength(2);
    expect(filterResponses[0].matchingAcls[0]).toMatchObject({
      resourceName: 'orders',
      principal: `User:${user}`,
      errorCode: 0,
    });
    await applied(async () => (await resourcesOf()).length === 2);
    const left = await resourcesOf();
    expect(left.map(({ resourceName }) => resourceName).sort()).toEqual(['team-', 'tx']);
  });

  test('a producer without the right to write is told so, with the topic; with it, it may', async () => {
    const topic = await newTopic();
    const { user, producer: newProducer } = await newUser('writer');
    await grant(
      acl(user, RESOURCE.TOPIC, topic, OPERATION.DESCRIBE),
      // Who may write somewhere gets the producer id of an idempotent producer.
      acl(user, RESOURCE.TOPIC, unique('own'), OPERATION.WRITE),
    );
    const producer = newProducer();
    await producer.connect();
    const error = await soonRejected(producer.send({ topic, messages: [{ value: 'v' }] }));
    expect(error).toBeInstanceOf(KafkaJSProtocolError);
    expect(error).toMatchObject({
      errorCode: 'ERR_KAFKA_AUTHORIZATION',
      type: 'TOPIC_AUTHORIZATION_FAILED',
      code: 29,
      retriable: false,
    });
    expect(error.message).toContain(topic);
    await grant(acl(user, RESOURCE.TOPIC, topic, OPERATION.WRITE));
    const accepted = () =>
      producer.send({ topic, messages: [{ value: 'v' }] }).then(
        () => true,
        () => false,
      );
    await applied(accepted); // the same producer goes on
  });

  test('a topic that the user may not even see fails alike, soon', async () => {
    const topic = await newTopic();
    const { user, producer: newProducer } = await newUser('stranger');
    await grant(acl(user, RESOURCE.TOPIC, unique('own'), OPERATION.WRITE));
    const producer = newProducer();
    await producer.connect();
    const error = await soonRejected(producer.send({ topic, messages: [{ value: 'v' }] }));
    expect(error).toMatchObject({ type: 'TOPIC_AUTHORIZATION_FAILED' });
    expect(error.message).toContain(topic);
  });

  // No producer id for him, or no right to the topic: whichever answer comes first.
  test('who may write nowhere is told so, with the topic', async () => {
    const topic = await newTopic();
    const { producer: newProducer } = await newUser('mute');
    const producer = newProducer();
    await producer.connect();
    const error = await soonRejected(producer.send({ topic, messages: [{ value: 'v' }] }));
    expect(error).toMatchObject({ retriable: false });
    expect(error.message).toContain(topic);
    expect(error.message).toMatch(/not authorized|Cluster authorization failed/);
  });

  test.each([
    ['the topic', RESOURCE.GROUP, 'TOPIC_AUTHORIZATION_FAILED', 29],
    ['the group', RESOURCE.TOPIC, 'GROUP_AUTHORIZATION_FAILED', 30],
  ])('a consumer without the right to %s ends with a typed error', async (...row) => {
    const [, allowed, type, code] = row;
    const topic = await newTopic();
    const groupId = unique('group');
    const { user, consumer: newConsumer } = await newUser('reader');
    const entry = allowed === RESOURCE.GROUP ? groupId : topic;
    await grant(acl(user, allowed, entry, OPERATION.READ));
    const { error } = await firstOutcome(newConsumer({ groupId }), topic);
    expect(error).toMatchObject({
      errorCode: 'ERR_KAFKA_AUTHORIZATION',
      type,
      code,
      retriable: false,
    });
    expect(error.message).toContain(allowed === RESOURCE.GROUP ? topic : groupId);
    if (allowed === RESOURCE.TOPIC) expect(error.groupId).toBe(groupId);
  });

  test('a consumer whose group was refused before run() ends with the error all the same', async () => {
    const topic = await newTopic();
    const { user, mechanism } = await newUser('early');
    await grant(acl(user, RESOURCE.TOPIC, topic, OPERATION.READ));
    let refused;
    const seen = new Promise((resolve) => {
      refused = resolve;
    });
    const client = new Kafka({
      brokers: [kafka.listeners.LOGIN],
      sasl: { mechanism, username: user, password: 'secret' },
      logLevel: logLevel.DEBUG,
      logCreator:
        () =>
        ({ log }) =>
          log.type === 'GROUP_AUTHORIZATION_FAILED' && refused(),
    });
    const consumer = client.consumer({ groupId: unique('group'), maxWaitTimeInMs: 50 });
    open.push(consumer);
    await consumer.connect();
    await seen;
    const crashed = new Promise((resolve) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => resolve(payload.error));
    });
    await consumer.subscribe({ topic });
    consumer.run({ eachMessage: async () => {} }).catch(() => {});
    expect(await soonRejected(crashed.then((error) => Promise.reject(error)))).toMatchObject({
      type: 'GROUP_AUTHORIZATION_FAILED',
    });
  });

  test('an admin who may not see a group is told which', async () => {
    const { admin: newAdmin } = await newUser('curious');
    const curious = newAdmin();
    await curious.connect();
    const groupId = unique('group');
    const error = await soonRejected(curious.fetchOffsets({ groupId }));
    expect(error).toMatchObject({ type: 'GROUP_AUTHORIZATION_FAILED', groupId });
    expect(error.message).toContain(groupId);
  });

  test('an admin without rights is refused, with the name of what he asked for', async () => {
    const { admin: newAdmin } = await newUser('clerk');
    const clerk = newAdmin();
    await clerk.connect();
    const topic = unique('unmade');
    const created = await soonRejected(clerk.createTopics({ topics: [{ topic }] }));
    expect(created.errors?.[0] ?? created).toMatchObject({
      type: expect.stringMatching(/AUTHORIZATION/),
    });
    for (const call of [
      clerk.createAcls({ acl: [acl('x', RESOURCE.TOPIC, topic, OPERATION.READ)] }),
      clerk.deleteAcls({ filters: [filterOf('x')] }),
      clerk.describeAcls(filterOf('x')),
    ]) {
      expect(await soonRejected(call)).toMatchObject({
        errorCode: 'ERR_KAFKA_AUTHORIZATION',
        type: 'CLUSTER_AUTHORIZATION_FAILED',
        retriable: false,
      });
    }
  });

  test('a transactional id needs a right of its own', async () => {
    const topic = await newTopic();
    const transactionalId = unique('tx');
    const { user, producer: newProducer } = await newUser('banker');
    await grant(acl(user, RESOURCE.TOPIC, topic, OPERATION.ALL));
    const producer = newProducer({ transactionalId, maxInFlightRequests: 1, idempotent: true });
    await producer.connect().catch(() => {});
    const error = await soonRejected(producer.transaction());
    expect(error).toMatchObject({
      errorCode: 'ERR_KAFKA_AUTHORIZATION',
      type: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
    });
  });
});

'use strict';

// What the cluster says once it is reached: the login, where its brokers want to be found, what this user may do.

const enums = require('../../clients/enums');
const { Kafka } = require('../../clients/kafka');
const { redactText } = require('../../service/config');
const { isNotSupported } = require('../unsupported');
const { speaksTls } = require('./tls');

const NEEDED = { topic: ['DESCRIBE', 'READ', 'WRITE'], group: ['DESCRIBE', 'READ'] };
const EVENT_HUBS = /\.servicebus\./;

function loginAdvice({ sasl, brokers }) {
  if (brokers.some((broker) => EVENT_HUBS.test(broker))) {
    return "Event Hubs: the user is '$ConnectionString', literally, the password the whole connection string";
  }
  return `Check user and password, and that the broker knows this user for ${sasl.mechanism.toUpperCase()}`;
}

async function adviceFor(error, kafka, addresses, timeoutMs) {
  if (kafka.sasl && /SASL Handshake not supported/.test(error.message)) {
    return `The listener knows no login: set KAFKA_SECURITY_PROTOCOL=${kafka.ssl ? 'SSL' : 'PLAINTEXT'}, or use the port of its SASL listener`;
  }
  if (error.errorCode === 'ERR_KAFKA_AUTHENTICATION') {
    if (kafka.sasl) return loginAdvice(kafka);
    return 'The broker wants a login: security.protocol SASL_SSL or SASL_PLAINTEXT, sasl.username, sasl.password';
  }
  if (!kafka.ssl) {
    for (const address of addresses) {
      if (await speaksTls(address, timeoutMs)) {
        const protocol = kafka.sasl ? 'SASL_SSL' : 'SSL';
        return `The port speaks TLS: set KAFKA_SECURITY_PROTOCOL=${protocol}`;
      }
    }
  }
  if (!kafka.sasl) {
    return 'Something listens that does not answer Kafka requests without a login: is it a broker, and is its listener a SASL one?';
  }
  return 'Something listens, but Kafka is not spoken there as configured: compare with the listeners of the broker';
}

/** @returns {Promise<{ result: object, admin?: object }>} an admin client that is connected */
async function logIn(session, options, addresses, timeoutMs) {
  const admin = new Kafka(options).admin();
  session.cutShort(() => admin.disconnect());
  const started = performance.now();
  try {
    await admin.connect();
    const tookMs = Math.round(performance.now() - started);
    const login = options.sasl
      ? `logged in as ${options.sasl.username ?? 'the owner of the token'} (${options.sasl.mechanism})`
      : 'no login asked for';
    return { admin, result: { status: 'ok', detail: `${login}, ${tookMs} ms` } };
  } catch (error) {
    await admin.disconnect();
    const cause = redactText(error.message);
    const advice = await adviceFor(error, options, addresses, timeoutMs);
    return { result: { status: 'failed', cause, advice } };
  }
}

function operationNames(operations) {
  const nameOf = (value) =>
    typeof value === 'string'
      ? value.toUpperCase()
      : Object.keys(enums.AclOperationTypes).find((n) => enums.AclOperationTypes[n] === value);
  return (operations ?? []).map(nameOf);
}

function judgeOperations(kind, operations) {
  const names = operationNames(operations);
  if (names.length === 0) return { status: 'skipped', detail: 'the broker does not say' };
  const missing = (NEEDED[kind] ?? []).filter(
    (name) => !names.includes(name) && !names.includes('ALL'),
  );
  const detail = `allowed: ${names.join(', ')}`;
  if (missing.length === 0) return { status: 'ok', detail };
  return {
    status: 'warning',
    detail,
    cause: `not allowed: ${missing.join(', ')}`,
    advice:
      'Where the program needs it: an ACL for this user (`easyflow-kafka catalog acls` writes those of a catalog)',
  };
}

const REQUESTS = {
  cluster: (admin) => admin.call('describeCluster', { includeAuthorizedOperations: true }),
  topic: async (admin, topic) => {
    const args = { topics: [topic], includeAuthorizedOperations: true };
    return (await admin.call('describeTopics', args))[0];
  },
  group: async (admin, group) => {
    const args = { groupIds: [group], includeAuthorizedOperations: true };
    return (await admin.call('describeConsumerGroups', args))[0];
  },
};

const NOT_FOUND = {
  topic:
    'Create it (`easyflow-kafka topics setup` for those of a catalog); where the user may not describe it, it is hidden',
  group: 'An ACL for this group is missing',
};

/** What this user may do with the cluster, a topic or a group. */
async function permissions(admin, kind, name) {
  try {
    const described = await REQUESTS[kind](admin, name);
    if (described.error) {
      const { message, name: code } = described.error;
      return { status: 'failed', cause: message ?? code, advice: NOT_FOUND[kind] };
    }
    return judgeOperations(kind, described.authorizedOperations);
  } catch (error) {
    if (isNotSupported(error)) return { status: 'skipped', detail: 'the broker does not say' };
    return { status: 'failed', cause: redactText(error.message), advice: NOT_FOUND[kind] };
  }
}

module.exports = { logIn, permissions };

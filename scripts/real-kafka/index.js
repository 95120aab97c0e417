'use strict';

// Real Apache Kafka on this machine, for tests and benchmarks: KRaft, one process a broker.
//
//   const kafka = await startKafka({ brokers: 1 });
//   ... kafka.bootstrapServers ...
//   await kafka.stop();
//
// On the command line: node scripts/real-kafka start [--brokers 3] [--property key=value]

const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const { Broker, javaArguments } = require('./broker');
const { makeCertificates } = require('./certificates');
const { freePorts } = require('../lib/free-ports');
const { kafkaJars, kafkaVersion } = require('./jars');
const { startWatchdog } = require('./watch');
const {
  brokerProperties,
  formatProperties,
  normalizeListeners,
  saslProperties,
} = require('./properties');

const execFileAsync = promisify(execFile);
const START_ATTEMPTS = 3;

async function planNodes(brokerCount, listeners) {
  const perNode = listeners.length + 1;
  const ports = await freePorts(brokerCount * perNode);
  return Array.from({ length: brokerCount }, (_, index) => {
    const own = ports.slice(index * perNode, (index + 1) * perNode);
    const byName = Object.fromEntries(listeners.map(({ name }, at) => [name, own[at]]));
    return { id: index + 1, controllerPort: own[perNode - 1], ports: byName };
  });
}

/** Formats the data directory of one broker: Kafka does not start without it. */
async function formatStorage(jars, directory, clusterId, { share, scramUsers }) {
  const args = ['format', '-t', clusterId, '-c', path.join(directory, 'server.properties')];
  if (share) args.push('--feature', 'share.version=1');
  for (const { mechanism, name, password } of scramUsers) {
    args.push('--add-scram', `${mechanism}=[name=${name},password=${password}]`);
  }
  // The program lives for a second: compiling it well would take longer.
  const quick = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
  try {
    await execFileAsync('java', javaArguments(jars, quick, 'kafka.tools.StorageTool', args));
  } catch (error) {
    throw new Error(`Formatting Kafka's storage failed:\n${error.stdout}${error.stderr}`, {
      cause: error,
    });
  }
}

async function startOnce(options, jars, directory, watchdog) {
  const { brokers: brokerCount, listeners, properties, heapMb, share, scramUsers } = options;
  const nodes = await planNodes(brokerCount, listeners);
  const clusterId = crypto.randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const brokers = nodes.map((node) => {
    const own = path.join(directory, `broker-${node.id}`);
    fs.rmSync(own, { recursive: true, force: true });
    fs.mkdirSync(own, { recursive: true });
    const all = brokerProperties({ node, nodes, listeners, directory: own, properties });
    fs.writeFileSync(path.join(own, 'server.properties'), formatProperties(all));
    const { id, ports } = node;
    return new Broker({
      id,
      port: ports.PLAINTEXT,
      ports,
      directory: own,
      jars,
      heapMb,
      watchdog,
    });
  });
  const formats = brokers.map(({ id }) =>
    formatStorage(jars, path.join(directory, `broker-${id}`), clusterId, { share, scramUsers }),
  );
  await Promise.all(formats);
  const starts = await Promise.allSettled(brokers.map((broker) => broker.start(options)));
  const failed = starts.find(({ status }) => status === 'rejected');
  if (failed) {
    await Promise.all(brokers.map((broker) => broker.kill()));
    throw failed.reason;
  }
  return { brokers, clusterId };
}

async function startWithFreePorts(options, jars, directory, watchdog) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options, jars, directory, watchdog);
    } catch (error) {
      // Somebody took a port between our look and the broker's.
      const isTaken = /Address already in use|BindException/.test(error.message);
      if (!isTaken || attempt === START_ATTEMPTS) throw error;
    }
  }
}

function handle({ brokers, clusterId, listeners, directory, certificates, watchdog, options }) {
  const addresses = (name) => brokers.map(({ ports }) => `127.0.0.1:${ports[name]}`).join(',');
  const find = (id) => {
    const broker = brokers.find((candidate) => candidate.id === id);
    if (!broker) throw new RangeError(`Expected a broker id for kill but received ${id}`);
    return broker;
  };
  let stopped = null;
  return {
    bootstrapServers: addresses('PLAINTEXT'),
    /** Addresses by listener name: { PLAINTEXT: '127.0.0.1:…', SASL_SSL: '127.0.0.1:…' }. */
    listeners: Object.fromEntries(listeners.map(({ name }) => [name, addresses(name)])),
    clusterId,
    brokers,
    dir: directory,
    /** With `tls: true`: paths of ca, clientCertificate and clientKey. */
    certificates,
    kill: (id, signal) => find(id).kill(signal),
    signal: (id, name) => find(id).signal(name),
    start: (id) => find(id).start(options),
    restart: async (id) => {
      await find(id).kill('SIGKILL');
      await find(id).start(options);
    },
    /** The data is thrown away, so no broker is asked to leave in good order. */
    stop: () => {
      stopped ??= (async () => {
        await Promise.all(brokers.map((broker) => broker.kill('SIGKILL')));
        if (process.env.EASYFLOW_KEEP_KAFKA) watchdog.keepFiles();
        else fs.rmSync(directory, { recursive: true, force: true });
        watchdog.end();
      })();
      return stopped;
    },
  };
}

/**
 * Starts Kafka and resolves when every broker serves.
 *
 * - `brokers`: how many (each is a controller too)
 * - `properties`: server.properties for every broker, over the quick defaults
 * - `listeners`: more listeners besides PLAINTEXT: 'SSL', 'SASL_SSL', { name, protocol, advertisedPorts }
 * - `tls`: makes certificates and sets the ssl.* properties
 * - `users`: [{ name, password, mechanism = 'SCRAM-SHA-256' }] for SASL listeners; 'PLAIN' too
 * - `heapMb`, `share` (share groups), `timeoutMs`, `log` (progress lines)
 *
 * The brokers end with this process, however it ends.
 */
async function startKafka({
  brokers = 1,
  properties = {},
  listeners = [],
  tls = false,
  users = [],
  heapMb = 512,
  share = true,
  timeoutMs = 120_000,
  log = () => {},
} = {}) {
  const jars = await kafkaJars({ log });
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'easyflow-kafka-'));
  const watchdog = startWatchdog(directory);
  try {
    const certificates = tls ? makeCertificates(path.join(directory, 'certificates')) : null;
    const allListeners = normalizeListeners(listeners);
    const allUsers = users.map((user) => ({ mechanism: 'SCRAM-SHA-256', ...user }));
    const options = {
      brokers,
      listeners: allListeners,
      properties: {
        ...certificates?.properties,
        ...saslProperties(allListeners, allUsers),
        ...properties,
      },
      heapMb,
      share,
      scramUsers: allUsers.filter(({ mechanism }) => mechanism.startsWith('SCRAM-')),
      timeoutMs,
    };
    const cluster = await startWithFreePorts(options, jars, directory, watchdog);
    return handle({
      ...cluster,
      listeners: allListeners,
      directory,
      certificates,
      watchdog,
      options,
    });
  } catch (error) {
    watchdog.end();
    throw error;
  }
}

module.exports = { startKafka, kafkaVersion };

if (require.main === module) require('./cli').main(process.argv.slice(2));

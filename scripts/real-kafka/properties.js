'use strict';

const path = require('node:path');

/** What makes a throw-away cluster start and answer quickly. */
function quickDefaults(brokerCount) {
  const replicas = Math.min(3, brokerCount);
  const minIsr = replicas === 3 ? 2 : 1;
  return {
    'num.partitions': 1,
    'default.replication.factor': replicas,
    'auto.create.topics.enable': true,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': minIsr,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': minIsr,
    'share.coordinator.state.topic.num.partitions': 4,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 500,
    'broker.heartbeat.interval.ms': 500,
    'broker.session.timeout.ms': 4000, // how soon a killed broker's partitions get a new leader
    'log.cleaner.dedupe.buffer.size': 10 * 1024 * 1024,
    'num.network.threads': 2,
    'num.io.threads': 4,
  };
}

/**
 * `listeners`: ['SASL_SSL'] or [{ name: 'SCRAM', protocol: 'SASL_SSL', advertisedPorts }], besides PLAINTEXT.
 * `advertisedPorts` has one port a broker: of a proxy before it, which clients are to go through.
 */
function normalizeListeners(listeners) {
  const extra = listeners.map((item) =>
    typeof item === 'string' ? { name: item, protocol: item } : item,
  );
  return [{ name: 'PLAINTEXT', protocol: 'PLAINTEXT' }, ...extra];
}

/** Who may log in on the SASL listeners: [{ name, password, mechanism }]. */
function saslProperties(listeners, users) {
  const mechanisms = [...new Set(users.map(({ mechanism }) => mechanism))];
  const result = {};
  if (mechanisms.length > 0) result['sasl.enabled.mechanisms'] = mechanisms.join(',');
  const plain = users
    .filter(({ mechanism }) => mechanism === 'PLAIN')
    .map(({ name, password }) => ` user_${name}="${password}"`)
    .join('');
  for (const { name, protocol } of listeners) {
    if (!protocol.startsWith('SASL_')) continue;
    for (const mechanism of mechanisms) {
      const key = `listener.name.${name.toLowerCase()}.${mechanism.toLowerCase()}.sasl.jaas.config`;
      const login = 'org.apache.kafka.common.security';
      result[key] =
        mechanism === 'PLAIN'
          ? `${login}.plain.PlainLoginModule required${plain};`
          : `${login}.scram.ScramLoginModule required;`; // its users are in the formatted storage
    }
  }
  return result;
}

/**
 * The server.properties of one broker, which is a controller too.
 * `nodes`: [{ id, controllerPort, ports: { <listener>: port } }], `node`: the one meant.
 */
function brokerProperties({ node, nodes, listeners, directory, properties }) {
  const address = (name, port) => `${name}://127.0.0.1:${port}`;
  const open = listeners.map(({ name }) => address(name, node.ports[name]));
  const advertised = listeners.map(({ name, advertisedPorts }) =>
    address(name, advertisedPorts?.[node.id - 1] ?? node.ports[name]),
  );
  const protocols = listeners.map(({ name, protocol }) => `${name}:${protocol}`);
  return {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': nodes
      .map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`)
      .join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: [...open, address('CONTROLLER', node.controllerPort)].join(','),
    'advertised.listeners': advertised.join(','),
    'listener.security.protocol.map': [...protocols, 'CONTROLLER:PLAINTEXT'].join(','),
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': path.join(directory, 'data'),
    ...quickDefaults(nodes.length),
    ...properties,
  };
}

function formatProperties(properties) {
  const escape = (value) => String(value).replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${escape(value)}\n`)
    .join('');
}

module.exports = { brokerProperties, formatProperties, normalizeListeners, saslProperties };

'use strict';

// What @confluentinc/kafka-javascript gives to its clients beyond KafkaJS: new SASL credentials while a client lives, and
// an admin client that goes with it.

const { checkOptions, checkValue, is } = require('../options/validate');

const shape = { username: is.secret(is.anyString), password: is.secret(is.anyString) };

/**
 * For the next login, which is that of the next connection to a broker: what is connected stays so.
 *
 * @param {import('./client').Client} client
 * @param {import('./native-handle').NativeHandle[]} handles its open native clients
 * @param {{ username: string, password: string }} credentials
 */
function setSaslCredentials(client, handles, credentials) {
  const given = checkOptions(shape, credentials, 'setSaslCredentials()');
  const username = checkValue(shape.username, given.username, 'username');
  const password = checkValue(shape.password, given.password, 'password');
  // A later connect() begins with these.
  Object.assign(client.options.properties, {
    'sasl.username': username,
    'sasl.password': password,
  });
  for (const handle of handles) {
    handle.request('setSaslCredentials', { username, password }).catch((error) => {
      client.logger().warn(`The new SASL credentials were not set: ${error.message}`);
    });
  }
}

/** An admin client that connects while `client` is connected, and ends with it. */
function dependentAdmin(client) {
  const { Admin } = require('./admin');
  const { style, properties, logLevel } = client.options;
  const admin = new Admin(client.kafka, { style, properties, logLevel }, client);
  client.on(client.events.DISCONNECT, () => admin.disconnect());
  return admin;
}

module.exports = { setSaslCredentials, dependentAdmin };

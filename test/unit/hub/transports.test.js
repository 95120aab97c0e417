'use strict';

const { embeddedBroker } = require('../../shared/brokers');
const { hubSocketSuite } = require('../../shared/hub-socket-suite');
const { hubSuite } = require('../../shared/hub-suite');
const { TRANSPORTS } = require('../../shared/hub-tools');

const broker = embeddedBroker();

describe.each(Object.entries(TRANSPORTS))('StatusHub, %s', (name, transport) => {
  hubSuite(broker, transport);
  if (!transport.isEvents) hubSocketSuite(broker, transport, name);
});

'use strict';

const { structuredEnvelope, CORRELATION, identityMap } = require('./structured');

module.exports = structuredEnvelope({
  name: 'etelios',
  type: 'type',
  payload: 'data',
  system: 'metadata',
  id: 'eventId',
  time: 'timestamp',
  optional: false,
  correlation: identityMap(CORRELATION),
});

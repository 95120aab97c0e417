'use strict';

const { structuredEnvelope, ATTRIBUTES, CORRELATION, identityMap } = require('./structured');

module.exports = structuredEnvelope({
  name: 'officeflow',
  type: 'type',
  payload: 'payload',
  system: 'metadata',
  id: 'messageId',
  time: 'timestamp',
  optional: false,
  // A tracker's context names the run besides.
  correlation: identityMap([...CORRELATION, ...ATTRIBUTES]),
});

'use strict';

const { structuredEnvelope, CORRELATION, identityMap } = require('./structured');

module.exports = structuredEnvelope({
  name: 'officeflow',
  type: 'type',
  payload: 'payload',
  system: 'metadata',
  id: 'messageId',
  time: 'timestamp',
  optional: false,
  // A tracker's context names the run besides.
  correlation: identityMap([
    ...CORRELATION,
    'organizationId',
    'employeeId',
    'workflowRunId',
    'nodeRunId',
  ]),
});

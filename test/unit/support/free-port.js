'use strict';

const { freePorts } = require('../../../scripts/lib/free-ports');

/** A port of this machine at which nobody listens: it was free a moment ago. */
async function freePort() {
  const [port] = await freePorts(1);
  return port;
}

module.exports = { freePort };

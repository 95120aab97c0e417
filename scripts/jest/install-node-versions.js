'use strict';

const { nodeVersions } = require('../lib/node-versions');

/** Jest's describe.each() needs the list before a file is read; a file finds it in the environment. */
module.exports = async function installNodeVersions() {
  process.env.EASYFLOW_TEST_NODE_VERSIONS = JSON.stringify(await nodeVersions());
};

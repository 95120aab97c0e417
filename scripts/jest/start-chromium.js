'use strict';

const { chromium } = require('playwright-core');
const { commandOnPath } = require('../lib/system-packages');

const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** One headless Chromium, with a profile of its own, for a whole suite; its address is in the environment. */
module.exports = async function startSharedChromium() {
  const server = await chromium.launchServer({
    executablePath: commandOnPath('chromium'),
    headless: true,
    chromiumSandbox: false, // it refuses to work as root
    args: FLAGS,
  });
  globalThis.easyflowSharedChromium = server;
  process.env.EASYFLOW_TEST_CHROMIUM = server.wsEndpoint();
};

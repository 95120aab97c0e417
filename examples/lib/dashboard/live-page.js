'use strict';

// The live page of the demo: what its tasks report on `status-updates`, in a browser.

const { StatusHub } = require('../../..');
const { hub: shipped } = require('../../../lib/service/catalogs/easyflow.json');
const { isLocal, servePage } = require('./server');

const PATH = '/status';
/** The page keeps as many. */
const MAX_ENTITIES = 5_000;

class LivePage {
  #server;
  #hub;

  constructor(server, hub) {
    this.#server = server;
    this.#hub = hub;
    this.url = `http://127.0.0.1:${server.address().port}/`;
  }

  /**
   * @param {Kafka} kafka
   * @param {{ port?: number, hubOptions?: object }} [options] port 0: one that is free
   */
  static async start(kafka, { port = 0, hubOptions = {} } = {}) {
    const server = await servePage(port);
    const hub = new StatusHub(kafka, {
      ...shipped,
      path: PATH,
      store: { maxEntities: MAX_ENTITIES },
      ...hubOptions,
    });
    hub.authenticate((request) => {
      if (!isLocal(request)) throw new Error(`Not for ${request.headers.host}`);
      return { subject: 'demo', allow: ['*'] };
    });
    const page = new LivePage(server, hub);
    try {
      await hub.attach(server);
      await hub.whenReady();
    } catch (error) {
      await page.close();
      throw error;
    }
    return page;
  }

  async close() {
    await this.#hub.close({ drainMs: 0 });
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

module.exports = { LivePage };

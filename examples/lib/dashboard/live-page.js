'use strict';

// The live page of the demo: what its tasks report on `status-updates`, in a browser.

const { StatusHub } = require('../../..');
const { isLocal, servePage } = require('./server');

const PATH = '/status';
/** The page keeps as many. */
const MAX_ENTITIES = 5_000;

class LivePage {
  #server;
  #hub = null;

  constructor(server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${server.address().port}/`;
  }

  /**
   * @param {Kafka} kafka
   * @param {{ port?: number, hubOptions?: object }} [options] port 0: one that is free
   */
  static async start(kafka, { port = 0, hubOptions = {} } = {}) {
    const page = new LivePage(await servePage(port));
    try {
      await page.#startHub(kafka, hubOptions);
    } catch (error) {
      await page.close();
      throw error;
    }
    return page;
  }

  async #startHub(kafka, hubOptions) {
    const hub = new StatusHub(kafka, {
      catalog: 'easyflow',
      path: PATH,
      store: { maxEntities: MAX_ENTITIES },
      ...hubOptions,
    });
    this.#hub = hub;
    hub.authenticate((request) => {
      if (!isLocal(request)) throw new Error(`Not for ${request.headers.host}`);
      return { subject: 'demo', allow: ['*'] };
    });
    await hub.attach(this.#server);
    await hub.whenReady();
  }

  async close() {
    await this.#hub?.close({ drainMs: 0 });
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

module.exports = { LivePage };

'use strict';

const WebSocket = require('ws');
const { loadClient } = require('./load-client');
const { ScriptedHub } = require('./scripted-hub');

const { StatusClient, StatusError } = loadClient();

/** Of a test file: `hub`, a scripted one for each test, and clients that end with it. */
function useScriptedHub() {
  const context = {
    connect(options, url = context.hub.url) {
      const client = new StatusClient(url, {
        WebSocket,
        backoff: { baseMs: 1, maxMs: 5 },
        ...options,
      });
      context.clients.push(client);
      return client;
    },
  };
  beforeEach(async () => {
    context.hub = await ScriptedHub.start();
    context.clients = [];
  });
  afterEach(async () => {
    for (const client of context.clients) client.close();
    await context.hub.stop();
  });
  return context;
}

/** What happens to a subscription or a client: `events` in order, and `next(count)` until there are so many. */
function record(emitter, ...names) {
  const events = [];
  const waiting = new Set();
  for (const name of names) {
    emitter.on(name, (event) => {
      events.push(event);
      for (const check of waiting) check();
    });
  }
  return {
    events,
    /** Resolves when `isThere(events)`. */
    until(isThere) {
      return new Promise((resolve) => {
        const check = () => {
          if (!isThere(events)) return;
          waiting.delete(check);
          resolve(events);
        };
        waiting.add(check);
        check();
      });
    },
    count(count) {
      return this.until(() => events.length >= count);
    },
  };
}

/** Short form of changes: '+task/1@0:5', '-task/1@0:6', 'gap'. */
function brief(events) {
  return events.map(({ type, channel, at, recovered }) => {
    if (type === 'update') return `+${channel}@${at}`;
    if (type === 'remove') return `-${channel}@${at}`;
    return type ?? `snapshot ${recovered}`;
  });
}

module.exports = { StatusClient, StatusError, brief, record, useScriptedHub };

'use strict';

// StatusHub and a WebSocket client that shares nothing with ours: Python's websockets.

const http = require('node:http');
const path = require('node:path');
const { StatusHub } = require('../../lib');
const { run } = require('./support/peers');
const { createTopic, newKafka, produce } = require('./support/ours');

const script = path.join(__dirname, 'support', 'hub_client.py');
const update = (id, more = {}) => ({
  key: `task-${id}`,
  value: JSON.stringify({ id, text: 'ä€😀 '.repeat(10), ...more }),
});

test.each([['auto'], ['relay']])(
  'websockets of Python, transport %s: fragments, pings, compressed messages, a close',
  async (transport) => {
    const topic = await createTopic('hub'); // of one partition: what is last comes last
    await produce(topic, [update(1), update(2)]);

    const hub = new StatusHub(newKafka(), {
      topics: [topic],
      channel: 'task/{id}',
      anonymous: { allow: ['*'] },
      compression: { thresholdBytes: 200 },
      transport,
    });
    const server = http.createServer();
    try {
      await hub.attach(server);
      await hub.whenReady();
      await new Promise((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
      });
      const url = `ws://127.0.0.1:${server.address().port}/status`;
      let running;
      const snapshot = new Promise((resolve) => {
        let printed = '';
        const onOutput = (text) => {
          printed += text;
          if (printed.includes('"more": false')) resolve();
        };
        running = run(process.env.EASYFLOW_TEST_PYTHON, [script, url], { onOutput });
      });
      // What follows has to come as updates.
      await Promise.race([snapshot, running]);
      await produce(topic, [
        update(3, { large: 'x'.repeat(70_000) }),
        { key: 'task-1', value: null },
        update(4, { last: true }),
      ]);
      const lines = (await running).toString().trim().split('\n').map(JSON.parse);

      expect(lines[0]).toEqual({
        subprotocol: 'easyflow-status.v1',
        extensions: ['permessage-deflate'],
      });
      expect(lines.find((line) => 'pong' in line)).toEqual({ pong: true });
      expect(lines.at(-1)).toEqual({ closed: 1000 });
      const entities = new Map();
      for (const { type, channel, data, items = [] } of lines) {
        if (type === 'update') entities.set(channel, data);
        if (type === 'remove') entities.delete(channel);
        for (const item of items) {
          if (item.removed) entities.delete(item.channel);
          else entities.set(item.channel, item.data);
        }
      }
      expect(entities.get('task/3').large).toHaveLength(70_000);
      expect(entities.get('task/2')).toEqual(JSON.parse(update(2).value));
      expect(entities.get('task/4').last).toBe(true);
      expect(entities.has('task/1')).toBe(false);
    } finally {
      await hub.close();
      server.close();
    }
  },
);

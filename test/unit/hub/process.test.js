'use strict';

const { spawn } = require('node:child_process');
const path = require('node:path');
const { text } = require('node:stream/consumers');

const lib = path.join(__dirname, '../../../lib');

/** A program with a hub and two clients that sends itself to its end. */
const program = `
  const http = require('node:http');
  const { once } = require('node:events');
  const WebSocket = require('ws');
  const { EmbeddedKafka, Kafka, StatusHub } = require(${JSON.stringify(lib)});
  (async () => {
    const cluster = await EmbeddedKafka.start({ topics: ['t'] });
    const kafka = new Kafka({ brokers: cluster.brokers, logLevel: 1 });
    const hub = new StatusHub(kafka, {
      topics: ['t'],
      channel: '{id}',
      anonymous: { allow: ['*'] },
      publish: { a: { topic: 't' } },
      transport: process.argv[1],
    });
    const server = http.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    await hub.attach(server);
    await hub.whenReady();
    const url = 'ws://127.0.0.1:' + server.address().port + '/status';
    const clients = [new WebSocket(url), new WebSocket(url)];
    await Promise.all(clients.map((client) => once(client, 'message')));
    console.log('connected');
    END
  })();
`;

async function run(end, transport = 'auto') {
  const child = spawn(process.execPath, ['-e', program.replace('END', end), '--', transport], {
    cwd: path.dirname(lib),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = new Promise((resolve) =>
    child.on('close', (code, signal) => resolve(signal ?? code)),
  );
  const [output, errors, how] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { output, errors, how };
}

test.each(['auto', 'relay'])(
  'after close() nothing keeps the process alive: %s',
  async (transport) => {
    const end = 'server.close(); await hub.close({ drainMs: 50 }); await cluster.stop();';
    expect(await run(end, transport)).toEqual({ output: 'connected\n', errors: '', how: 0 });
  },
);

test('process.exit() ends it whatever is open', async () => {
  expect(await run('process.exit(3);')).toEqual({ output: 'connected\n', errors: '', how: 3 });
});

test('a hub keeps the process alive until it is closed', async () => {
  const end = `
    server.close();
    setTimeout(async () => {
      console.log(hub.state);
      await hub.close();
      await cluster.stop();
    }, 200).unref();
  `;
  expect(await run(end)).toEqual({ output: 'connected\nready\n', errors: '', how: 0 });
});

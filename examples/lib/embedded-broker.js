'use strict';

// The process that runs the embedded broker for the example programs; examples/lib/embedded-host.js starts it, detached.
// Each program holds a connection ("lease") to it. Some seconds after the last one was closed, however its program
// ended, this process ends too. It is a process of its own so that Ctrl-C in one program breaks no other.
//
//   node examples/lib/embedded-broker.js FOLDER

const crypto = require('node:crypto');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { EmbeddedKafka } = require('../..');
const { TOPICS } = require('./messages');

const HANDSHAKE_MS = 5_000;
/** Whoever has started this process is on his way: he gets this time, however short the other ones are. */
const FIRST_PROGRAM_MS = 20_000;
const lingerMs = Number(process.env.EASYFLOW_EMBEDDED_LINGER_MS || 15_000);

async function main([folder]) {
  const kafka = new EmbeddedKafka({ brokers: 1, topics: Object.values(TOPICS) });
  await kafka.start();
  const nonce = crypto.randomBytes(16).toString('hex');
  const addressFile = path.join(folder, 'broker.json');
  const leases = new Set();
  let idle = null;

  /** In one turn: no program that reads the file may find the port closed later. */
  function end() {
    fs.rmSync(addressFile, { force: true });
    server.close();
    for (const lease of leases) lease.destroy();
    clearTimeout(idle);
    process.off('SIGTERM', end);
    kafka.stop();
  }

  function waitForNextProgram(waitMs = lingerMs) {
    clearTimeout(idle);
    idle = setTimeout(end, waitMs);
  }

  function grant(socket) {
    leases.add(socket);
    clearTimeout(idle);
    socket.setTimeout(0);
    socket.write(`${JSON.stringify({ nonce, bootstrapServers: kafka.bootstrapServers })}\n`);
    socket.once('close', () => {
      leases.delete(socket);
      if (leases.size === 0 && server.listening) waitForNextProgram();
    });
  }

  const server = net.createServer((socket) => {
    let received = '';
    socket.setEncoding('latin1');
    socket.setTimeout(HANDSHAKE_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', function onData(text) {
      received += text;
      if (received === `${nonce}\n`) grant(socket.off('data', onData).resume());
      else if (!`${nonce}\n`.startsWith(received)) socket.destroy();
    });
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });

  const address = {
    pid: process.pid,
    startedAt: new Date().toISOString(),
    port: server.address().port,
    nonce,
    bootstrapServers: kafka.bootstrapServers,
  };
  const draft = `${addressFile}.${process.pid}`;
  fs.writeFileSync(draft, JSON.stringify(address), { mode: 0o600 });
  fs.renameSync(draft, addressFile);
  process.once('SIGTERM', end);
  // Ours is another process group than the terminal's, but somebody may mean us by name.
  process.on('SIGINT', () => {});
  waitForNextProgram(Math.max(lingerMs, FIRST_PROGRAM_MS));
  process.stdout.write('ready\n');
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});

'use strict';

// kafkajs and ws, as a careful user puts them together: an index from channel to sockets, a frame made once for all (ws's own
// "server broadcast"), the heartbeat of ws's README, and a bound on what waits for a slow client.

const http = require('node:http');
const { WebSocketServer } = require('ws');
const { consumeUpdates } = require('./kafkajs-updates');
const { runServer, listen } = require('../server');

const HEARTBEAT_MS = 25_000;
const MAX_BUFFERED = 2 ** 20;

function subscriptions() {
  const byChannel = new Map();
  return {
    of: (channel) => byChannel.get(channel) ?? [],
    add(socket, channels) {
      for (const channel of channels) {
        if (!byChannel.has(channel)) byChannel.set(channel, new Set());
        byChannel.get(channel).add(socket);
        socket.once('close', () => byChannel.get(channel).delete(socket));
      }
    },
  };
}

function keepAlive(sockets) {
  return setInterval(() => {
    for (const socket of sockets) {
      if (!socket.isAlive) {
        socket.terminate();
        continue;
      }
      socket.isAlive = false;
      socket.ping();
    }
  }, HEARTBEAT_MS);
}

async function start(args) {
  const server = http.createServer();
  const sockets = new WebSocketServer({ server, path: '/status' });
  const index = subscriptions();
  sockets.on('connection', (socket) => {
    socket.setMaxListeners(0);
    socket.isAlive = true;
    socket.on('pong', () => (socket.isAlive = true));
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => {
      const message = JSON.parse(data);
      index.add(socket, message.channels);
      socket.send(JSON.stringify({ type: 'subscribed', id: message.id }));
    });
  });
  const heartbeat = keepAlive(sockets.clients);
  const sendTo = (receivers, frame) => {
    for (const socket of receivers) {
      if (socket.bufferedAmount > MAX_BUFFERED) socket.terminate();
      else socket.send(frame, { binary: false });
    }
  };
  const stopConsumer = await consumeUpdates(args, (channel, pattern, value, text) => {
    const frame = Buffer.from(`{"type":"update","channel":"${channel}","data":${text}}`);
    sendTo(index.of(channel), frame);
    sendTo(index.of(pattern), frame);
  });
  const port = await listen(server);
  const close = async () => {
    clearInterval(heartbeat);
    for (const socket of sockets.clients) socket.terminate();
    server.close();
    await stopConsumer();
  };
  return { port, close };
}

runServer(start);

'use strict';

// kafkajs and socket.io: a room for each channel and each pattern, as https://socket.io/docs/v4/rooms/ has it. Its adapter
// encodes a packet once for all members of a room.

const http = require('node:http');
const { Server } = require('socket.io');
const { consumeUpdates } = require('./kafkajs-updates');
const { runServer, listen } = require('../server');

async function start(args) {
  const server = http.createServer();
  const io = new Server(server, { serveClient: false });
  io.on('connection', (socket) => {
    socket.on('subscribe', (channels) => {
      socket.join(channels);
      socket.emit('subscribed');
    });
  });
  const stopConsumer = await consumeUpdates(args, (channel, pattern, value) => {
    io.to([channel, pattern]).emit('update', { channel, data: value });
  });
  const port = await listen(server);
  const close = async () => {
    io.disconnectSockets(true);
    server.close();
    await stopConsumer();
  };
  return { port, close };
}

runServer(start);

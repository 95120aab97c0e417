'use strict';

// Cleanup hooks do not run on process.exit(), static destructors and atexit handlers do: OpenSSL's must not pull the
// ground from under librdkafka's threads while they shake hands.

const net = require('node:net');
const tls = require('node:tls');
const { runProgram, endPrograms } = require('./support/program');

const EXITS = 100;
const AT_ONCE = 4;
const LATEST_EXIT_MS = 250;

const servers = [];

async function listen(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return `127.0.0.1:${server.address().port}`;
}

/** Brokers that refuse, hang up after the client's hello, and answer it with an alert. */
async function hopelessBrokers() {
  const closed = net.createServer();
  const refusing = await listen(closed);
  await new Promise((resolve) => closed.close(resolve));
  const hangingUp = await listen(
    net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.destroy());
    }),
  );
  const alerting = await listen(
    tls
      .createServer({}, (socket) => socket.on('error', () => {}))
      .on('tlsClientError', (_, socket) => socket.destroy()),
  );
  return [refusing, hangingUp, alerting];
}

afterEach(async () => {
  endPrograms();
  await Promise.all(
    servers.splice(0).map((server) => server.listening && new Promise((r) => server.close(r))),
  );
});

test(`${EXITS} exits in a row with TLS clients that reconnect: none crashes`, async () => {
  const brokers = (await hopelessBrokers()).join(',');
  const ends = [];
  let next = 0;
  const oneAfterTheOther = async () => {
    while (next < EXITS) {
      const number = next++;
      const how = ['exit', 'exit-verifying', 'throw'][number % 3];
      const afterMs = Math.round((number * LATEST_EXIT_MS) / EXITS);
      const end = await runProgram('tls-exit', [brokers, how, String(afterMs)]);
      ends.push({ how, afterMs, ...end });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, oneAfterTheOther));
  const isWrong = ({ how, code, signal, stderr }) =>
    signal !== null ||
    code !== (how === 'throw' ? 1 : 3) ||
    (how === 'throw' ? !stderr.includes('on purpose') : stderr !== '');
  expect(ends).toHaveLength(EXITS);
  expect(ends.filter(isWrong)).toEqual([]);
});

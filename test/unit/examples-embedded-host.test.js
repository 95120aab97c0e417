'use strict';

const fs = require('node:fs');
const net = require('node:net');
const { ExampleStage } = require('./support/example-program');

let stage;
beforeEach(() => {
  stage = new ExampleStage();
});
afterEach(() => stage.close());

const sendOne = (extra) => stage.start('producer.js', ['--count', '1', '--interval', '0'], extra);
const pidOf = ({ stderr }) => Number(/embedded broker at .*\(process (\d+)\)/.exec(stderr)[1]);

async function succeeded(program) {
  expect(`${await program.ended()} ${program.stderr}`).toMatch(/^0 /);
  return program;
}

function writeAddress(address) {
  fs.mkdirSync(stage.brokerFolder, { recursive: true, mode: 0o700 });
  fs.writeFileSync(
    stage.addressFile,
    typeof address === 'string' ? address : JSON.stringify(address),
  );
}

test('the first program hosts the broker and says so, the second finds it', async () => {
  const first = await succeeded(sendOne());
  const second = await succeeded(sendOne());
  expect(first.stderr).toMatch(/hosting the embedded broker/);
  expect(second.stderr).toMatch(/found the embedded broker/);
  expect(pidOf(second)).toBe(pidOf(first));
});

test('programs that start at the same instant make one broker', async () => {
  const programs = await Promise.all(Array.from({ length: 6 }, () => succeeded(sendOne())));
  expect(new Set(programs.map(pidOf)).size).toBe(1);
  expect(programs.filter(({ stderr }) => stderr.includes('hosting')).length).toBe(1);
});

test('the broker ends by itself after the last program, and takes its file along', async () => {
  stage.env.EASYFLOW_EMBEDDED_LINGER_MS = '100';
  const program = await succeeded(sendOne());
  await stage.untilGone(pidOf(program));
  expect(fs.existsSync(stage.addressFile)).toBe(false);
});

test('a program that was killed holds the broker no longer', async () => {
  stage.env.EASYFLOW_EMBEDDED_LINGER_MS = '100';
  const consumer = stage.start('consumer.js');
  await consumer.until(({ stderr }) => stderr.includes('Waiting for'));
  const pid = pidOf(consumer);
  consumer.kill('SIGKILL');
  await stage.untilGone(pid);
});

test.each([
  ['half a file', () => '{"port": 1'],
  ['nobody at the port', () => ({ pid: 1, port: 1, nonce: 'x', bootstrapServers: 'a:1' })],
])('a stale address file is recognised: %s', async (_, address) => {
  writeAddress(address());
  const program = await succeeded(sendOne());
  expect(program.stderr).toMatch(/hosting the embedded broker/);
});

test('a stale address file is recognised: somebody else has the port now', async () => {
  const stranger = net.createServer((socket) =>
    socket
      .resume()
      .on('error', () => {})
      .end('220 hello\r\n'),
  );
  await new Promise((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = stranger.address();
    writeAddress({ pid: process.pid, port, nonce: 'abc', bootstrapServers: `127.0.0.1:${port}` });
    const program = await succeeded(sendOne());
    expect(program.stderr).toMatch(/hosting the embedded broker/);
  } finally {
    await new Promise((resolve) => stranger.close(resolve));
  }
});

test('the address of a broker that was killed is stale', async () => {
  const first = await succeeded(sendOne());
  process.kill(pidOf(first), 'SIGKILL');
  await stage.untilGone(pidOf(first));
  const second = await succeeded(sendOne());
  expect(second.stderr).toMatch(/hosting the embedded broker/);
});

test('a program says that its broker was killed, and fails', async () => {
  const consumer = stage.start('consumer.js');
  await consumer.until(({ stderr }) => stderr.includes('Waiting for'));
  process.kill(pidOf(consumer), 'SIGKILL');
  expect(await consumer.ended()).toBe(1);
  expect(consumer.stderr).toMatch(/The embedded broker ended/);
});

test('a folder that others can write is not trusted', async () => {
  fs.mkdirSync(stage.brokerFolder, { recursive: true });
  fs.chmodSync(stage.brokerFolder, 0o777);
  const program = sendOne();
  expect(await program.ended()).toBe(1);
  expect(program.stderr).toMatch(/only this user can write/);
});

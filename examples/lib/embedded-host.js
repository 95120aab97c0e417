'use strict';

// Finds the embedded broker that another example program of this user uses already, or starts one.
// A file in the temporary folder holds its address. What the file says is believed only after the broker itself has
// answered with the same nonce: the file of a dead broker is stale, also when its port is somebody else's now.

const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { withLock } = require('../../scripts/lib/lock');

const ANSWER_MS = 5_000;
const START_MS = 20_000;

/** One folder a user, which nobody else may write: else another user could hand us his broker. */
function ownFolder() {
  const uid = process.getuid?.() ?? os.userInfo().username;
  const folder = path.join(os.tmpdir(), `easyflow-kafka-examples-${uid}`);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stat = fs.lstatSync(folder);
  const isOurs = process.getuid === undefined || (stat.uid === uid && (stat.mode & 0o022) === 0);
  if (!stat.isDirectory() || !isOurs) {
    throw new Error(`${folder} is not a folder that only this user can write; remove it`);
  }
  return folder;
}

function readAddress(folder) {
  try {
    const address = JSON.parse(fs.readFileSync(path.join(folder, 'broker.json'), 'utf8'));
    const isWhole = Number.isInteger(address.port) && typeof address.nonce === 'string';
    return isWhole ? address : null;
  } catch {
    return null; // none, or not one of ours: as good as none
  }
}

/** @returns {Promise<net.Socket | null>} the lease, or null when no such broker answers */
function takeLease({ port, nonce }) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    let answer = '';
    const fail = () => {
      socket.destroy();
      resolve(null);
    };
    const onData = (text) => {
      answer += text;
      if (answer.length > 4_096) fail();
      if (!answer.endsWith('\n')) return;
      try {
        if (JSON.parse(answer).nonce !== nonce) return void fail();
      } catch {
        return void fail();
      }
      socket.setTimeout(0);
      for (const event of ['data', 'close', 'timeout']) socket.removeAllListeners(event);
      resolve(socket.resume());
    };
    socket.setEncoding('utf8');
    socket.setTimeout(ANSWER_MS);
    socket.on('error', () => {}); // 'close' follows
    socket.on('timeout', fail);
    socket.on('close', fail);
    socket.on('data', onData);
    socket.write(`${nonce}\n`);
  });
}

/** Starts the broker's process and waits until its address file is written. */
async function startBroker(folder) {
  const logFile = path.join(folder, 'broker.log');
  const log = fs.openSync(logFile, 'w', 0o600);
  const child = spawn(process.execPath, [path.join(__dirname, 'embedded-broker.js'), folder], {
    cwd: folder,
    detached: true, // out of reach of the terminal's Ctrl-C
    stdio: ['ignore', 'pipe', log],
  });
  fs.closeSync(log);
  let timer;
  try {
    await new Promise((resolve, reject) => {
      const failed = (why) => {
        const [reason = ''] = fs.readFileSync(logFile, 'utf8').trim().split('\n');
        reject(new Error(`The embedded broker ${why}${reason && `: ${reason}`}`));
      };
      timer = setTimeout(failed, START_MS, `did not start in ${START_MS / 1_000} s`);
      child.once('error', reject);
      child.once('exit', () => failed('ended while starting'));
      child.stdout.once('data', resolve);
    });
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
    child.removeAllListeners('exit');
    child.stdout.destroy();
    child.unref();
  }
}

/**
 * @param {{ onLost?: () => void }} [options] onLost: the broker's process ended although we use it
 * @returns {Promise<{ bootstrapServers: string, pid: number, isFirst: boolean, release: () => void }>}
 *   `isFirst`: this call started the broker
 */
async function joinEmbeddedBroker({ onLost = () => {} } = {}) {
  const folder = ownFolder();
  let isFirst = false;
  // Looking and starting under one lock: two programs started at once make one broker.
  const [address, socket] = await withLock(path.join(folder, 'lock'), async () => {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const found = readAddress(folder);
      const lease = found && (await takeLease(found));
      if (lease) return [found, lease];
      if (attempt > 0) break;
      await startBroker(folder);
      isFirst = true;
    }
    throw new Error(`The embedded broker does not answer; see ${path.join(folder, 'broker.log')}`);
  });
  // The programs live by their Kafka clients; a lease alone keeps none of them.
  socket.unref();
  socket.once('close', onLost);
  return {
    bootstrapServers: address.bootstrapServers,
    pid: address.pid,
    isFirst,
    release() {
      socket.off('close', onLost);
      socket.destroy();
    },
  };
}

module.exports = { joinEmbeddedBroker, ownFolder };

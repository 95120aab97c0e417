'use strict';

// A real PostgreSQL on this machine, for tests and examples: its own data in a temporary folder, a free local port.
//
//   const postgres = await startPostgres();
//   ... postgres.connectionString ...
//   await postgres.stop();
//
// The server ends with the process that started it, however that one ends. It refuses to run as root: then it runs as the user
// `postgres`, whom Debian's package has made.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const { execFile, execFileSync, spawn } = require('node:child_process');
const { promisify } = require('node:util');
const { freePorts } = require('./lib/free-ports');
const { startWatchdog } = require('./real-kafka/watch');
const { binaries } = require('./lib/postgres-binaries');

const execFileAsync = promisify(execFile);
const START_ATTEMPTS = 3;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;
const READY = 'database system is ready to accept connections';

/** { uid, gid } to run as; nothing unless we are root. */
function account() {
  if (process.getuid() !== 0) return {};
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** Resolves when the server takes connections, rejects with what it said when it ends before. */
function ready(child) {
  const said = [];
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`PostgreSQL was not ready after a minute:\n${said.join('\n')}`));
    }, START_TIMEOUT_MS);
    const settle = (how, value) => {
      clearTimeout(timer);
      how(value);
    };
    readline.createInterface({ input: child.stderr }).on('line', (line) => {
      if (said.length < 100) said.push(line);
      if (line.includes(READY)) settle(resolve);
    });
    child.once('error', (error) => settle(reject, error));
    child.once('exit', () => settle(reject, new Error(`PostgreSQL ended:\n${said.join('\n')}`)));
  });
}

function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', resolve));
}

async function startServer(bin, data, port, asUser) {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    // A test's data need not survive the machine.
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(path.join(bin, 'postgres'), ['-D', data, '-p', String(port), ...flags], {
    ...asUser,
    cwd: data,
    detached: true, // Ctrl-C in a terminal is for the program, which still needs its database while it ends
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
  });
  try {
    await ready(child);
  } catch (error) {
    child.kill('SIGQUIT');
    throw error;
  }
  return child;
}

async function startOnFreePort(bin, data, asUser) {
  for (let attempt = 1; ; attempt += 1) {
    const [port] = await freePorts(1);
    try {
      return { port, child: await startServer(bin, data, port, asUser) };
    } catch (error) {
      // Somebody took the port between our look and the server's.
      if (!/Address already in use/.test(error.message) || attempt === START_ATTEMPTS) throw error;
    }
  }
}

/** @returns {Promise<{ connectionString: string, port: number, pid: number, stop: () => Promise<void> }>} */
async function startPostgres() {
  const bin = binaries();
  if (bin === null) {
    throw new Error('PostgreSQL is not installed: node scripts/bootstrap.js --with tests');
  }
  const asUser = account();
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'easyflow-postgres-'));
  if (asUser.uid !== undefined) fs.chownSync(directory, asUser.uid, asUser.gid);
  const watchdog = startWatchdog(directory);
  const data = path.join(directory, 'data');
  const remove = () => {
    watchdog.end();
    fs.rmSync(directory, { recursive: true, force: true });
  };
  try {
    const args = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'];
    await execFileAsync(path.join(bin, 'initdb'), args, { ...asUser, cwd: directory });
    const { child, port } = await startOnFreePort(bin, data, asUser);
    watchdog.add(child.pid);
    child.unref();
    child.stderr.unref?.();
    return {
      port,
      pid: child.pid,
      connectionString: `postgres://postgres@127.0.0.1:${port}/postgres`,
      async stop() {
        child.ref();
        const exit = ended(child);
        child.kill('SIGINT'); // ends sessions, then itself
        const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
        await exit;
        clearTimeout(timer);
        watchdog.remove(child.pid);
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

module.exports = { startPostgres };

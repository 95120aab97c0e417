'use strict';

// Toxiproxy (https://github.com/Shopify/toxiproxy): TCP connections that can be cut, reset, slowed and silenced.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { execFile, spawn } = require('node:child_process');
const { promisify } = require('node:util');
const { freePorts } = require('../../scripts/lib/free-ports');
const { withLock } = require('../../scripts/lib/lock');
const { userCache } = require('../../scripts/lib/paths');
const { isOnPath } = require('../../scripts/lib/system-packages');
const { startWatchdog } = require('../../scripts/real-kafka/watch');

const VERSION = '2.5.0';
const START_TIMEOUT_MS = 30_000;
const execFileAsync = promisify(execFile);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves to the server's program; builds it once for each user and version. */
async function program({ log }) {
  const directory = path.join(userCache(), `toxiproxy-${VERSION}`);
  const file = path.join(directory, 'server');
  if (fs.existsSync(file)) return file;
  return withLock(`${directory}.lock`, async () => {
    if (fs.existsSync(file)) return file;
    if (!isOnPath('go')) {
      throw new Error('Building Toxiproxy needs Go on PATH, on Debian and Ubuntu `golang-go`.');
    }
    log(`Building Toxiproxy ${VERSION} …`);
    const unfinished = `${directory}.${process.pid}.unfinished`;
    const source = `github.com/Shopify/toxiproxy/v2/cmd/server@v${VERSION}`;
    await execFileAsync('go', ['install', source], { env: { ...process.env, GOBIN: unfinished } });
    fs.rmSync(directory, { recursive: true, force: true });
    fs.renameSync(unfinished, directory);
    return file;
  });
}

/** One listening port in front of one server. */
class Proxy {
  #call;
  #name;
  #toxics = new Set();

  constructor(call, { name, listen }) {
    this.#call = call;
    this.#name = name;
    this.port = Number(listen.split(':').at(-1));
  }

  to(port) {
    return this.#set({ upstream: `127.0.0.1:${port}` });
  }

  /** Cuts all connections and refuses new ones. */
  cut() {
    return this.#set({ enabled: false });
  }

  /**
   * @param {'latency' | 'bandwidth' | 'timeout' | 'reset_peer'} type @param {object} attributes Toxiproxy's
   * @param {('upstream' | 'downstream')[]} [streams] to the broker, from the broker
   */
  async spoil(type, attributes, streams = ['upstream', 'downstream']) {
    for (const stream of streams) {
      const name = `${type}-${stream}`;
      await this.#call('POST', `/proxies/${this.#name}/toxics`, { name, type, stream, attributes });
      this.#toxics.add(name);
    }
  }

  /** Undoes all of it. Connections that were silenced end now. */
  async heal() {
    for (const name of this.#toxics) {
      await this.#call('DELETE', `/proxies/${this.#name}/toxics/${name}`);
      this.#toxics.delete(name);
    }
    await this.#set({ enabled: true });
  }

  #set(fields) {
    return this.#call('POST', `/proxies/${this.#name}`, fields);
  }
}

async function untilAnswering(call, child) {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      return await call('GET', '/version');
    } catch (error) {
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error('Toxiproxy did not start', { cause: error });
      }
      await pause(50);
    }
  }
}

/**
 * It ends with this process, however that one ends.
 *
 * @param {{ count: number, log: (line: string) => void }} options
 * @returns {Promise<{ proxies: Proxy[], stop: () => Promise<void> }>} proxies that listen, and lead nowhere yet
 */
async function startProxies({ count, log }) {
  const file = await program({ log });
  const [port] = await freePorts(1);
  const watchdog = startWatchdog(fs.mkdtempSync(path.join(os.tmpdir(), 'easyflow-toxiproxy-')));
  const child = spawn(file, ['-port', String(port)], { stdio: 'ignore', detached: true });
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', resolve);
  });
  if (child.pid) watchdog.add(child.pid);
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    watchdog.end();
  };
  const call = async (method, route, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${route}`, {
      method,
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Toxiproxy: ${method} ${route}: ${response.status} ${text}`);
    return text;
  };
  try {
    await untilAnswering(call, child);
    const proxies = [];
    for (let at = 0; at < count; at += 1) {
      const fields = { name: `broker-${at + 1}`, listen: '127.0.0.1:0', upstream: '127.0.0.1:1' };
      proxies.push(new Proxy(call, JSON.parse(await call('POST', '/proxies', fields))));
    }
    return { proxies, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

module.exports = { startProxies };

'use strict';

const path = require('node:path');
const { spawn } = require('node:child_process');
const paths = require('./paths');
const { readResult } = require('./result-line');

const GRACE_MS = 20_000;

const beneath = (directory, ...names) => path.join(directory, ...names);

/** The sides in the order of a table. `needs`: what setup.js has to have made. */
const SIDES = {
  c: { title: 'C on librdkafka', needs: [paths.cProgram], part: 'c' },
  easyflow: { title: 'easyflow-kafka', needs: [paths.addon] },
  kafkajs: { title: 'kafkajs', needs: [], package: 'kafkajs' },
  confluent: {
    title: '@confluentinc/kafka-javascript',
    needs: [beneath(paths.confluent, 'build', 'Release', 'confluent-kafka-javascript.node')],
    part: 'confluent',
    package: '@confluentinc/kafka-javascript',
  },
  rdkafka: {
    title: 'node-rdkafka',
    needs: [beneath(paths.rdkafka, 'build', 'Release', 'node-librdkafka.node')],
    part: 'rdkafka',
    package: 'node-rdkafka',
  },
  platformatic: {
    title: '@platformatic/kafka',
    needs: [paths.platformatic, paths.node24],
    part: 'npm',
    package: '@platformatic/kafka',
    node: paths.node24,
  },
  // Of the hub's works only, where they run in a process of bench/hub/servers.
  ws: { title: 'kafkajs + ws', needs: [paths.hubLoad], package: 'ws' },
  socketio: { title: 'kafkajs + socket.io', needs: [paths.hubLoad], package: 'socket.io' },
};

const isReady = (name) => SIDES[name].needs.every(paths.exists);

/** Runs one side once, in a process of its own. Resolves with its result or `{ failed }`. */
function runSide(name, args) {
  const script = path.join(paths.bench, 'sides', `${name}.js`);
  const command = [SIDES[name].node ?? process.execPath, script, JSON.stringify(args)];
  // The threads that it makes are none of it (-R).
  if (args.loop === 'realtime') command.unshift('chrt', '-R', '-f', '1');
  const child = spawn(command[0], command.slice(1), {
    cwd: paths.bench,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), args.timeoutMs + GRACE_MS);
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ failed: error.message }));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const result = readResult(output);
      if (result) return resolve(errors ? { ...result, stderr: errors.slice(-2_000) } : result);
      const why = errors.trim().split('\n').slice(0, 3).join(' | ');
      return resolve({ failed: why || `ended with ${signal ?? code}` });
    });
  });
}

function versionOf(name) {
  if (!SIDES[name].package) return undefined;
  // By path: some packages do not export their package.json.
  const places = [paths.nodeModules, path.join(paths.root, 'node_modules')];
  for (const place of places) {
    try {
      return require(path.join(place, SIDES[name].package, 'package.json')).version;
    } catch {
      // The next one.
    }
  }
  return undefined;
}

module.exports = { SIDES, isReady, runSide, versionOf };

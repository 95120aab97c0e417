'use strict';

// Makes the benchmark ready, once: the peers' npm packages, their addons, and the C program that is the limit.
//
//   node bench/setup.js            everything
//   node bench/setup.js --only c   a part: c, npm, confluent, rdkafka
//
// The two native peers cannot fetch binaries everywhere, so their addons are built from the sources in their
// packages, each with the librdkafka that it brings.

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const paths = require('./lib/paths');
const { headersPrefix, nodeGyp } = require('./lib/node-gyp');
const { Steps, StepError, runLogged, printFailure } = require('../scripts/lib/steps');
const { installPackages } = require('../scripts/lib/system-packages');

const PARTS = ['npm', 'c', 'confluent', 'rdkafka'];

/** What librdkafka's own ./configure looks for when a peer builds its copy. */
const PEER_LIBRARIES = ['libsasl2-dev', 'liblz4-dev', 'libcurl4-openssl-dev', 'libssl-dev'];

const ADDONS = {
  confluent: {
    directory: paths.confluent,
    addon: path.join(paths.confluent, 'build', 'Release', 'confluent-kafka-javascript.node'),
    // Without it the build looks for static copies of every library.
    env: { CKJS_LINKING: 'dynamic' },
  },
  rdkafka: {
    directory: paths.rdkafka,
    addon: path.join(paths.rdkafka, 'build', 'Release', 'node-librdkafka.node'),
    env: {},
  },
};

const hashOf = (file) => crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex');

const marker = path.join(paths.nodeModules, '.installed-lock');

function packagesAreCurrent() {
  try {
    return fs.readFileSync(marker, 'utf8') === hashOf(path.join(paths.bench, 'package-lock.json'));
  } catch {
    return false;
  }
}

async function installNpmPackages(report) {
  // --force: one peer asks for Node.js 22; it gets the Node.js 24 that is installed beside it.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--force'];
  await runLogged('bench-npm-ci', 'npm', args, { report, cwd: paths.bench });
  fs.writeFileSync(marker, hashOf(path.join(paths.bench, 'package-lock.json')));
}

async function buildAddon(name, report) {
  const { directory, env, addon } = ADDONS[name];
  await runLogged(
    `bench-${name}`,
    process.execPath,
    // No --jobs: their makefiles need one order; librdkafka itself is compiled with all cores.
    [nodeGyp(), 'rebuild', `--nodedir=${headersPrefix()}`],
    { report, cwd: directory, env: { BUILD_LIBRDKAFKA: '1', ...env } },
  );
  if (!fs.existsSync(addon)) throw new StepError(`${name} built, but not ${path.basename(addon)}`);
}

async function buildC(report) {
  const source = path.join(paths.bench, 'native');
  const configure = ['-S', source, '-B', paths.cBuild];
  await runLogged('bench-c-configure', 'cmake', configure, { report });
  await runLogged('bench-c', 'cmake', ['--build', paths.cBuild], { report });
}

function missingLibraries() {
  const result = spawnSync('dpkg-query', ['-W', '-f', '${Package}\n', ...PEER_LIBRARIES], {
    encoding: 'utf8',
  });
  if (result.error) return []; // no Debian: the build itself names what is missing
  const there = result.stdout.split('\n');
  return PEER_LIBRARIES.filter((name) => !there.includes(name));
}

function cIsCurrent() {
  try {
    const built = Math.min(
      ...[paths.cProgram, paths.hubLoad].map((one) => fs.statSync(one).mtimeMs),
    );
    const inputs = [path.join(paths.bench, 'native'), path.join(paths.build, 'librdkafka', 'lib')];
    return inputs.every((directory) =>
      fs
        .readdirSync(directory)
        .every((name) => fs.statSync(path.join(directory, name)).mtimeMs < built),
    );
  } catch {
    return false;
  }
}

/** The steps that are due for `parts`: [title, work]. */
function dueSteps(parts) {
  const steps = [];
  const wants = (name) => parts.includes(name);
  const freshPackages = packagesAreCurrent();
  const addons = Object.keys(ADDONS).filter(
    (name) => wants(name) && !(freshPackages && fs.existsSync(ADDONS[name].addon)),
  );
  const missing = addons.length > 0 ? missingLibraries() : [];
  if (missing.length > 0) {
    steps.push([`Debian packages: ${missing.join(' ')}`, (r) => installPackages(missing, r)]);
  }
  if (!freshPackages && parts.some((name) => name !== 'c')) {
    steps.push(['npm packages of the peers', installNpmPackages]);
  }
  if (wants('c') && !cIsCurrent()) steps.push(['bench-c', buildC]);
  for (const name of addons) {
    steps.push([`addon of ${name} (a minute or two)`, (report) => buildAddon(name, report)]);
  }
  return steps;
}

/** Builds what is not there yet of `parts`. */
async function setup(parts = PARTS) {
  const due = dueSteps(parts);
  const steps = new Steps(due.length);
  for (const [title, work] of due) await steps.run(title, work);
}

function parseParts(argv) {
  if (argv.length === 0) return PARTS;
  const parts = (argv[1] ?? '').split(',');
  if (argv[0] !== '--only' || argv.length !== 2 || !parts.every((part) => PARTS.includes(part))) {
    throw new TypeError(`Expected --only ${PARTS.join(',')} but received ${argv.join(' ')}`);
  }
  return parts;
}

async function main() {
  try {
    await setup(parseParts(process.argv.slice(2)));
  } catch (error) {
    if (error instanceof TypeError) process.stderr.write(`${error.message}\n`);
    else printFailure(error);
    process.exitCode = error instanceof TypeError ? 2 : 1;
  }
}

module.exports = { setup };

if (require.main === module) main();

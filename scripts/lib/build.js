'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const paths = require('./paths');
const { withLock } = require('./lock');
const { inputsHash, isFresh, writeStamp } = require('./stamp');
const { StepError, Steps, runLogged } = require('./steps');
const { missingPackages, installPackages } = require('./system-packages');

const lockFile = path.join(paths.root, 'package-lock.json');
const installedMarker = path.join(paths.nodeModules, '.installed-lock');

const lockFileHash = () =>
  crypto.createHash('sha256').update(fs.readFileSync(lockFile)).digest('hex');

function nodeModulesAreCurrent() {
  try {
    if (fs.readFileSync(installedMarker, 'utf8') === lockFileHash()) return true;
  } catch {
    // Installed by hand, or not at all.
  }
  try {
    const installed = fs.statSync(path.join(paths.nodeModules, '.package-lock.json'));
    return installed.mtimeMs >= fs.statSync(lockFile).mtimeMs;
  } catch {
    return false;
  }
}

async function installNodeModules(report) {
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', ...paths.toolCaches().npm];
  await runLogged('npm-ci', 'npm', args, { report });
}

/** A build directory that was made for another place or generator cannot be reused. */
function dropForeignBuild() {
  const cache = path.join(paths.build, 'CMakeCache.txt');
  if (!fs.existsSync(cache)) return;
  const home = /^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$/m.exec(fs.readFileSync(cache, 'utf8'));
  if (home && home[1] === paths.root) return;
  for (const name of fs.readdirSync(paths.build)) {
    if (name === 'logs' || name.startsWith('.bootstrap.lock')) continue;
    fs.rmSync(path.join(paths.build, name), { recursive: true, force: true });
  }
}

function librdkafkaVersion() {
  try {
    const header = 'librdkafka-source/deps/librdkafka/src/rdkafka.h';
    const text = fs.readFileSync(path.join(paths.nodeModules, header), 'utf8');
    const [, hex] = /^#define RD_KAFKA_VERSION\s+0x([0-9a-f]{8})/m.exec(text);
    return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.');
  } catch {
    return '';
  }
}

function hasLibrdkafka() {
  try {
    const names = fs.readdirSync(path.join(paths.build, 'librdkafka', 'lib'));
    return names.includes(`librdkafka-${librdkafkaVersion()}.a`);
  } catch {
    return false;
  }
}

const requirementFiles = [
  'scripts/interop-requirements.txt',
  'examples/python/requirements.txt',
].map((file) => path.join(paths.root, file));
const pythonRequirements = () =>
  requirementFiles.map((file) => fs.readFileSync(file, 'utf8')).join('');
const installedRequirements = path.join(paths.venv, 'requirements.txt');

/** Whether the venv has what the files say now. */
function pythonClientsAreCurrent() {
  try {
    return fs.readFileSync(installedRequirements, 'utf8') === pythonRequirements();
  } catch {
    return false;
  }
}

async function installPythonClients(report) {
  const python = path.join(paths.venv, 'bin', 'python');
  const requirements = requirementFiles.flatMap((file) => ['-r', file]);
  await runLogged('python-venv', 'python3', ['-m', 'venv', paths.venv], { report });
  await runLogged('python-clients', python, ['-m', 'pip', 'install', '--quiet', ...requirements], {
    report,
  });
  fs.writeFileSync(installedRequirements, pythonRequirements());
}

/** librdkafka's make says nothing for half a minute: count its object files instead. */
async function buildLibrdkafka(report) {
  const work = path.join(paths.build, 'librdkafka', `work-${librdkafkaVersion()}`, 'src');
  const sources = path.join(work, 'librdkafka', 'src');
  const timer = setInterval(() => {
    try {
      const names = fs.readdirSync(sources);
      const done = names.filter((name) => name.endsWith('.o')).length;
      const all = names.filter((name) => name.endsWith('.c')).length;
      report(`${done} of about ${all} files compiled`);
    } catch {
      // Not copied yet.
    }
  }, 500);
  try {
    await cmakeBuild('librdkafka')(() => {});
  } finally {
    clearInterval(timer);
  }
}

function cmakeBuild(target) {
  const args = ['--build', paths.build, '--parallel', String(os.availableParallelism())];
  return (report) =>
    runLogged(`build-${target}`, 'cmake', [...args, '--target', target], { report });
}

/** The steps that are due, in order: [title, work]. A title may need what an earlier step brings. */
function dueSteps(stages) {
  const steps = [];
  const missing = missingPackages(stages);
  if (missing.length > 0) {
    steps.push([`Debian packages: ${missing.join(' ')}`, (r) => installPackages(missing, r)]);
  }
  if (!nodeModulesAreCurrent()) steps.push(['npm packages', installNodeModules]);
  if (stages.includes('build')) {
    steps.push([
      'configure',
      (report) =>
        runLogged('configure', 'cmake', ['-S', paths.root, '-B', paths.build], { report }),
    ]);
    if (!hasLibrdkafka()) {
      steps.push([() => `librdkafka ${librdkafkaVersion()}`, buildLibrdkafka]);
    }
    steps.push(['easyflow_kafka.node', cmakeBuild('addon')]);
  }
  if (stages.includes('tests')) {
    steps.push(['native_tests', cmakeBuild('native_tests')]);
    if (!pythonClientsAreCurrent()) {
      steps.push(['Python clients for interop tests', installPythonClients]);
    }
  }
  return steps;
}

/** librdkafka's configure and make take a path apart at a space, and read other characters as their own syntax. */
function requireBuildablePath(root = paths.root) {
  const [odd] = /[^\p{L}\p{M}\p{N}/._+@,=~-]/u.exec(root) ?? [];
  if (odd === undefined) return;
  throw new StepError(
    `Expected a path of letters, digits and ._+@,=~- for this clone but it has '${odd}': ${root}. ` +
      'librdkafka does not build there; move the clone.',
  );
}

/**
 * Brings the tree to a state in which the `wanted` stages ('build', 'tests', 'check') can run. Does nothing,
 * quickly, when nothing changed since the last time.
 */
async function bootstrap(wanted, { log = (line) => process.stderr.write(`${line}\n`) } = {}) {
  const stages = ['build', 'tests', 'check'].filter((stage) => wanted.includes(stage));
  if (isFresh(stages)) return false;
  if (stages.includes('build')) requireBuildablePath();
  fs.mkdirSync(paths.build, { recursive: true });
  const lock = path.join(paths.build, '.bootstrap.lock');
  const onWait = (pid) => log(`Waiting for another build in this tree (process ${pid}) …`);
  return withLock(
    lock,
    async () => {
      if (isFresh(stages)) return false;
      const before = inputsHash(stages);
      const beforeBuild = inputsHash(['build']);
      dropForeignBuild();
      const due = dueSteps(stages);
      const steps = new Steps(due.length);
      for (const [title, work] of due) {
        await steps.run(typeof title === 'function' ? title() : title, work);
      }
      fs.writeFileSync(installedMarker, lockFileHash());
      writeStamp(stages, before);
      if (stages.includes('build')) writeStamp(['build'], beforeBuild);
      return true;
    },
    onWait,
  );
}

module.exports = { bootstrap };

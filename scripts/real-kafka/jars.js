'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { withLock } = require('../lib/lock');
const { toolCaches, userCache } = require('../lib/paths');
const { isOnPath, javaMajor } = require('../lib/system-packages');

const pom = path.join(__dirname, 'pom.xml');
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** The version is said once, in pom.xml. */
function kafkaVersion() {
  return /<artifactId>kafka_2\.13<\/artifactId>\s*<version>([^<]+)</.exec(
    fs.readFileSync(pom, 'utf8'),
  )[1];
}

function requireJava() {
  if (javaMajor() >= 17) return;
  throw new Error(
    'A real Kafka broker needs Java 17 or newer on PATH. Install it, on Debian and Ubuntu with ' +
      '`apt-get install openjdk-17-jdk-headless`.',
  );
}

function runMaven(outputDirectory) {
  const args = ['-B', '-q', '-f', pom, COPY, '-DincludeScope=runtime'];
  args.push(`-DoutputDirectory=${outputDirectory}`, ...toolCaches().maven);
  return new Promise((resolve, reject) => {
    const child = spawn('mvn', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => (output = (output + text).slice(-4000)));
    }
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) return resolve();
      reject(new Error(`Maven could not fetch Kafka's jars (exit code ${code}):\n${output}`));
    });
  });
}

/** Resolves to the directory of Kafka's jars; fetches them once for each user and version. */
async function kafkaJars({ log = () => {} } = {}) {
  requireJava();
  const directory = path.join(userCache(), `kafka-${kafkaVersion()}`);
  if (fs.existsSync(directory)) return directory;
  return withLock(
    `${directory}.lock`,
    async () => {
      if (fs.existsSync(directory)) return directory;
      if (!isOnPath('mvn')) {
        throw new Error(
          'Fetching Kafka needs Maven on PATH. Install it, on Debian and Ubuntu with ' +
            '`apt-get install maven`.',
        );
      }
      log(`Fetching Kafka ${kafkaVersion()} …`);
      const unfinished = `${directory}.${process.pid}.unfinished`;
      fs.rmSync(unfinished, { recursive: true, force: true });
      await runMaven(unfinished);
      fs.renameSync(unfinished, directory);
      return directory;
    },
    (pid) => log(`Waiting for process ${pid}, which fetches Kafka …`),
  );
}

module.exports = { kafkaJars, kafkaVersion };

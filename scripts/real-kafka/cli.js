'use strict';

const { parseArgs } = require('node:util');

const USAGE = `Usage: node scripts/real-kafka start [options]

  --brokers <n>           brokers to start (1)
  --heap-mb <n>           heap of each (512)
  --property <key=value>  a line of server.properties; may be repeated
`;

function parse(argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      brokers: { type: 'string', default: '1' },
      'heap-mb': { type: 'string', default: '512' },
      property: { type: 'string', multiple: true, default: [] },
    },
  });
  if (positionals.length !== 1 || positionals[0] !== 'start') throw new TypeError(USAGE);
  const properties = values.property.map((line) => {
    const at = line.indexOf('=');
    if (at < 1) throw new TypeError(`Expected key=value for --property but received ${line}`);
    return [line.slice(0, at), line.slice(at + 1)];
  });
  const count = (name) => {
    const number = Number(values[name]);
    if (Number.isInteger(number) && number > 0) return number;
    throw new TypeError(`Expected a positive integer for --${name} but received ${values[name]}`);
  };
  return {
    brokers: count('brokers'),
    heapMb: count('heap-mb'),
    properties: Object.fromEntries(properties),
  };
}

async function main(argv) {
  const log = (line) => process.stderr.write(`${line}\n`);
  let options;
  try {
    options = parse(argv);
  } catch (error) {
    log(error.message);
    process.exitCode = 2;
    return;
  }
  try {
    const { startKafka, kafkaVersion } = require('./index');
    log(`Starting Kafka ${kafkaVersion()}, ${options.brokers} broker(s) …`);
    const kafka = await startKafka({ ...options, log });
    process.stdout.write(`${kafka.bootstrapServers}\n`);
    log(`Logs in ${kafka.dir}. Ctrl-C ends it.`);
    const keepAlive = setInterval(() => {}, 1 << 30);
    const stop = async () => {
      await kafka.stop();
      clearInterval(keepAlive);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
  } catch (error) {
    log(error.message);
    process.exitCode = 1;
  }
}

module.exports = { main };

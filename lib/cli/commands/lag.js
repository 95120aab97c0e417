'use strict';

const { progressOf } = require('../groups');
const { table } = require('../output');
const { collect, withConnection } = require('../options');

async function lag(session, group) {
  const admin = await session.admin();
  const partitions = await progressOf(admin, group, { topics: session.options.topic });
  const known = partitions.filter((row) => row.lag !== null);
  const total = known.reduce((sum, row) => sum + BigInt(row.lag), 0n).toString();
  await session.output.result({ group, lag: total, partitions }, () => {
    const rows = partitions.map((row) => [
      row.topic,
      row.partition,
      row.committed,
      row.high,
      row.lag,
      row.member,
    ]);
    const columns = ['topic', 'partition', 'committed', 'end', 'lag', 'client'];
    return `${table(columns, rows)}${group}: ${total} messages behind\n`;
  });
}

function register(program, action) {
  withConnection(program.command('lag'))
    .description('how far a group is behind, partition by partition')
    .argument('<group>')
    .option('--topic <name>', 'only this one; may be given again', collect)
    .action(action(lag));
}

module.exports = { register };

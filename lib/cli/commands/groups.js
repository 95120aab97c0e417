'use strict';

const { CommandError } = require('../failures');
const { describeGroup } = require('../groups');
const { table } = require('../output');
const { withConnection } = require('../options');

async function list(session) {
  const admin = await session.admin();
  const { groups } = await admin.listGroups();
  const rows = groups
    .map(({ groupId, protocolType }) => ({ group: groupId, protocolType }))
    .sort((a, b) => (a.group < b.group ? -1 : 1));
  await session.output.result(rows, () =>
    table(['group', 'protocol type'], rows.map(Object.values)),
  );
}

async function describe(session, groupId) {
  const admin = await session.admin();
  const group = await describeGroup(admin, groupId);
  if (group === null) throw new CommandError('This broker describes no groups (an embedded one)');
  if (group.state === 'Dead') throw new CommandError(`There is no group ${groupId}`);
  await session.output.result(group, showGroup);
}

function showGroup({ group, state, protocol, members }) {
  const rows = members.map(({ memberId, clientId, host, partitions }) => [
    clientId,
    host,
    partitions.map(({ topic, partition }) => `${topic}[${partition}]`),
    memberId,
  ]);
  const head = `${group}: ${state}${protocol ? `, ${protocol}` : ''}, ${members.length} members\n`;
  return rows.length === 0 ? head : head + table(['client', 'host', 'partitions', 'member'], rows);
}

function register(program, action) {
  const groups = program.command('groups').description('consumer groups');
  withConnection(groups.command('list')).description('their names').action(action(list));
  withConnection(groups.command('describe'))
    .description('state, members, who has which partitions')
    .argument('<group>')
    .action(action(describe));
}

module.exports = { register };

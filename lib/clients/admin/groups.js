'use strict';

const { classes, fromNative } = require('../../errors');
const { AssignerProtocol } = require('../assigner-protocol');
const { fail, checkGroupId } = require('./check');

const RETRIABLE = new Set([
  'NOT_COORDINATOR_FOR_GROUP',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
]);

async function listGroups(admin) {
  const groups = await admin.call('listGroups', {});
  admin.throwFirst(groups);
  return { groups: groups.map(({ groupId, protocolType }) => ({ groupId, protocolType })) };
}

function checkGroupIds(groupIds) {
  if (!groupIds || !Array.isArray(groupIds)) {
    throw fail(`Invalid groupIds array ${String(groupIds)}`, 'groupIds');
  }
  groupIds.forEach(checkGroupId);
}

async function describeGroups(admin, groupIds) {
  checkGroupIds(groupIds);
  const described = await admin.retrying(async () => {
    const groups = await admin.call('describeGroupsRaw', { groupIds });
    admin.throwFirst(groups);
    return groups;
  });
  const groups = [];
  for (const group of described) {
    groups.push(
      (group.state === 'Dead' && (await newerGroup(admin, group.groupId))) || classic(group),
    );
  }
  return { groups };
}

function classic({ groupId, state, protocolType, protocol, members }) {
  return {
    errorCode: 0,
    groupId,
    state,
    protocolType,
    protocol,
    members: members.map(
      ({ memberId, clientId, clientHost, memberMetadata, memberAssignment }) => ({
        memberId,
        clientId,
        clientHost,
        memberMetadata: Buffer.from(memberMetadata, 'base64'),
        memberAssignment: Buffer.from(memberAssignment, 'base64'),
      }),
    ),
  };
}

/** A group of KIP-848 is unknown to the request that KafkaJS uses: its description is put into the same shape. */
async function newerGroup(admin, groupId) {
  let group;
  try {
    [group] = await admin.call('describeConsumerGroups', { groupIds: [groupId] });
  } catch {
    return null;
  }
  if (!group || group.error || group.type !== 'Consumer' || group.state === 'Dead') return null;
  return {
    errorCode: 0,
    groupId,
    state: group.state,
    protocolType: 'consumer',
    protocol: group.partitionAssignor,
    members: group.members.map(({ memberId, clientId, clientHost, assignment }) => ({
      memberId,
      clientId,
      clientHost,
      ...encoded(assignment),
    })),
  };
}

function encoded(partitions) {
  const assignment = {};
  for (const { topic, partition } of partitions) (assignment[topic] ??= []).push(partition);
  const topics = Object.keys(assignment);
  return {
    memberMetadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics }),
    memberAssignment: AssignerProtocol.MemberAssignment.encode({ version: 1, assignment }),
  };
}

async function deleteGroups(admin, groupIds) {
  checkGroupIds(groupIds);
  if (groupIds.length === 0) return [];
  let left = groupIds;
  await admin.retrying(async () => {
    const results = await admin.call('deleteGroups', { groupIds: left });
    const failed = results.filter(({ error }) => error);
    if (failed.length === 0) return;
    left = failed.map(({ groupId }) => groupId);
    const errors = failed.map(({ groupId, error }) => ({
      groupId,
      errorCode: error.code,
      error: fromNative(error, { groupId }),
    }));
    const failure = new classes.KafkaJSDeleteGroupsError('Error in DeleteGroups', errors);
    // The class says retriable, as in KafkaJS; whether it is depends on what went wrong.
    failure.retryNow = errors.every(({ error }) => RETRIABLE.has(error.type));
    throw failure;
  });
  return groupIds.map((groupId) => ({ groupId, errorCode: 0 }));
}

/** Beyond KafkaJS: assignments decoded, and groups of the newer protocol. */
async function describeConsumerGroups(admin, groupIds) {
  checkGroupIds(groupIds);
  const groups = await admin.call('describeConsumerGroups', { groupIds });
  return groups.map(({ error, ...group }) => ({
    ...group,
    error: error ? fromNative(error, { groupId: group.groupId }) : null,
  }));
}

module.exports = { listGroups, describeGroups, deleteGroups, describeConsumerGroups };

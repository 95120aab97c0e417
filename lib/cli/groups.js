'use strict';

// What groups, lag and offsets have in common: who is in a group, where it is.

const { AssignerProtocol } = require('../clients/assigner-protocol');
const { CommandError } = require('./failures');
const { isNotSupported } = require('./unsupported');

const NO_OFFSET = '-1';

function assignmentOf({ memberAssignment }) {
  if (memberAssignment.length === 0) return [];
  const { assignment } = AssignerProtocol.MemberAssignment.decode(memberAssignment) ?? {};
  return Object.entries(assignment ?? {})
    .flatMap(([topic, partitions]) => partitions.map((partition) => ({ topic, partition })))
    .sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
}

/** null on a broker that describes no groups. */
async function describeGroup(admin, groupId) {
  let group;
  try {
    ({
      groups: [group],
    } = await admin.describeGroups([groupId]));
  } catch (error) {
    if (isNotSupported(error)) return null;
    throw error;
  }
  return {
    group: groupId,
    state: group.state,
    protocol: group.protocol || null,
    members: group.members.map((member) => ({
      memberId: member.memberId,
      clientId: member.clientId,
      host: member.clientHost,
      partitions: assignmentOf(member),
    })),
  };
}

/** What `committed` lacks to the end, and null for what is not known. */
function lagOf(committed, { low, high }) {
  if (committed === null) return null;
  const from = BigInt(committed) < BigInt(low) ? BigInt(low) : BigInt(committed);
  return (BigInt(high) > from ? BigInt(high) - from : 0n).toString();
}

/**
 * Every partition that a group has an offset of, or a member.
 * @returns {Promise<{ topic: string, partition: number, committed: string | null, low: string, high: string,
 *   lag: string | null, member: string | null }[]>}
 */
async function progressOf(admin, groupId, { topics } = {}) {
  const group = await describeGroup(admin, groupId);
  const fetched = await admin.fetchOffsets({ groupId, ...(topics && { topics }) });
  const rows = new Map();
  const row = (topic, partition) => {
    const key = `${topic}\n${partition}`;
    if (!rows.has(key)) rows.set(key, { topic, partition, committed: null, member: null });
    return rows.get(key);
  };
  for (const { topic, partitions } of fetched) {
    for (const { partition, offset } of partitions) {
      if (offset !== NO_OFFSET) row(topic, partition).committed = offset;
      else if (topics) row(topic, partition);
    }
  }
  for (const { clientId, partitions } of group?.members ?? []) {
    for (const { topic, partition } of partitions) {
      if (!topics || topics.includes(topic)) row(topic, partition).member = clientId;
    }
  }
  if (rows.size === 0 && (group === null || group.state === 'Dead')) {
    const hint = group === null ? '; an embedded broker has to be asked with --topic' : '';
    throw new CommandError(`There is no group ${groupId}, or it has no offsets${hint}`);
  }
  const result = [];
  for (const topic of [...new Set([...rows.values()].map((each) => each.topic))].sort()) {
    const bounds = await admin.fetchTopicOffsets(topic);
    for (const { partition, low, high } of bounds.sort((a, b) => a.partition - b.partition)) {
      const found = rows.get(`${topic}\n${partition}`);
      if (found === undefined) continue;
      result.push({ ...found, low, high, lag: lagOf(found.committed, { low, high }) });
    }
  }
  return result;
}

module.exports = { describeGroup, progressOf };

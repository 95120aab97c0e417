export const AT = /^([\d.]+):(\d+)$/;

/** '1.3:981' -> ['1.3', 981]; throws on anything else. */
export function parseAt(at) {
  const [, partition, offset] = AT.exec(at);
  return [partition, Number(offset)];
}

/** Which of two states of an entity is newer: > 0, the first. The hub's rule: between partitions time decides. */
export function compare(one, other) {
  const [partition, offset] = parseAt(one.at);
  const [otherPartition, otherOffset] = parseAt(other.at);
  return partition === otherPartition ? offset - otherOffset : one.time - other.time || 1;
}

/** '<epoch>~<time>~<partition>:<offset>,…' -> { epoch, head: '<epoch>~<time>~', positions: Map partition -> offset } */
export function parseToken(token) {
  const [, head, epoch, positions] = /^((.*)~[^~]*~)([^~]*)$/.exec(token);
  return { epoch, head, positions: new Map(positions.split(',').filter(Boolean).map(parseAt)) };
}

/** The token of { head, positions }; undefined without one. */
export function formatToken({ head, positions }) {
  return head && head + [...positions].map((position) => position.join(':'));
}

/** Whether { positions } has got as far as that. */
export function hasPassed({ positions }, partition, offset) {
  return offset <= positions.get(partition);
}

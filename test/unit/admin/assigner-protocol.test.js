'use strict';

const kafkajs = require('kafkajs');
const { AssignerProtocol } = require('../../../lib/clients/assigner-protocol');

describe('AssignerProtocol', () => {
  const metadata = { version: 1, topics: ['a', 'tøpic'], userData: Buffer.from([0, 1, 2]) };
  const assignment = { version: 2, assignment: { a: [0, 2], b: [] }, userData: Buffer.from('u') };

  test("writes KafkaJS's bytes", () => {
    const { MemberMetadata, MemberAssignment } = AssignerProtocol;
    expect(MemberMetadata.encode(metadata)).toEqual(
      kafkajs.AssignerProtocol.MemberMetadata.encode(metadata),
    );
    expect(MemberAssignment.encode(assignment)).toEqual(
      kafkajs.AssignerProtocol.MemberAssignment.encode(assignment),
    );
    expect(MemberMetadata.encode({ version: 0, topics: [] })).toEqual(
      kafkajs.AssignerProtocol.MemberMetadata.encode({ version: 0, topics: [] }),
    );
  });

  test('reads what it wrote', () => {
    const { MemberMetadata, MemberAssignment } = AssignerProtocol;
    expect(MemberMetadata.decode(MemberMetadata.encode(metadata))).toEqual(metadata);
    expect(MemberAssignment.decode(MemberAssignment.encode(assignment))).toEqual(assignment);
    expect(MemberAssignment.decode(Buffer.alloc(0))).toBeNull();
  });
});

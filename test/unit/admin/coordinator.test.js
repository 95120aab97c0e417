'use strict';

const { EmbeddedKafka, Kafka, logLevel } = require('../../../lib');

describe('Offsets of a group whose coordinator is not there yet', () => {
  let cluster;
  beforeAll(async () => {
    cluster = await EmbeddedKafka.start({ topics: ['t'] });
  });
  afterAll(() => cluster.stop());

  // The process died by SIGSEGV: the first group of a fresh broker was enough.
  test.each(['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE'])(
    'fetchOffsets() gets over %s',
    async (error) => {
      const kafka = new Kafka({ brokers: cluster.brokers, logLevel: logLevel.NOTHING });
      const admin = kafka.admin();
      await admin.connect();
      try {
        cluster.pushRequestErrors('OffsetFetch', [error]);
        const outcome = await admin
          .fetchOffsets({ groupId: 'g', topics: ['t'] })
          .catch((failure) => failure);
        if (outcome instanceof Error) expect(outcome.type).toBe(error);
        else expect(outcome[0].topic).toBe('t');
        const [{ partitions }] = await admin.fetchOffsets({ groupId: 'g', topics: ['t'] });
        expect(partitions[0]).toMatchObject({ partition: 0, offset: '-1' });
      } finally {
        await admin.disconnect();
      }
    },
  );
});

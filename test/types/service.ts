// The service layer's catalogs, envelopes and TopicManager.

import {
  AclEntry,
  Admin,
  CatalogError,
  EnvelopeError,
  Kafka,
  RecordMetadata,
} from 'easyflow-kafka';
import {
  Catalog,
  CatalogChange,
  CatalogData,
  CatalogError as SameCatalogError,
  CatalogProblem,
  DecodedMessage,
  EncodedMessage,
  EnvelopeName,
  GroupsReport,
  KafkaService,
  TopicManager,
  TopicsReport,
  acls,
  asyncapi,
  catalogFile,
  catalogs,
  decodeMessage,
  diff,
  envelope,
  envelopes,
  getKafkaService,
  loadCatalog,
  writeTypes,
} from 'easyflow-kafka/service';

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function expectType<Expected>() {
  return <Actual>(
    _value: Actual,
    ..._same: Same<Actual, Expected> extends true ? [] : [never]
  ) => {};
}

const data: CatalogData = {
  name: 'shop',
  version: '1.0.0',
  topics: [
    { id: 'orders', envelope: ['cloudevents', 'bare'], events: 'order.placed', partitions: null },
  ],
  events: { 'order.placed': { schema: { type: 'object' } } },
};
// @ts-expect-error: an envelope that there is none of
data.topics[0]!.envelope = 'soap';

const catalog = loadCatalog(data);
expectType<Catalog>()(catalog);
expectType<Catalog>()(loadCatalog('spm').withEnvironment(process.env));
expectType<readonly string[]>()(catalogs);
expectType<string>()(catalogFile('spm'));
expectType<string>()(catalog.nameOf('orders', { org: 'acme' }));
expectType<RegExp>()(catalog.patternOf('orders'));
expectType<string | null>()(catalog.dlqOf('orders'));
expectType<CatalogProblem[]>()(catalog.validate('order.placed', {}));
expectType<readonly EnvelopeName[]>()(catalog.envelopesOf('orders'));
expectType<string>()(writeTypes(catalog));
expectType<Record<string, unknown>>()(asyncapi(catalog, { servers: ['b:9092'] }));
expectType<CatalogChange[]>()(diff(catalog, catalog));
expectType<AclEntry[]>()(acls(catalog, { principals: { billing: 'User:x' } }));
// @ts-expect-error: a catalog is made by loadCatalog()
new Catalog();

expectType<EncodedMessage>()(
  envelope('bare').encode({ data: {}, context: { correlationId: 'c' } }),
);
expectType<DecodedMessage>()(envelopes.officeflow.decode(Buffer.from('{}'), {}));
expectType<EnvelopeName>()(decodeMessage(['task-manager', 'bare'], '{}').envelope);

export async function setup(admin: Admin): Promise<void> {
  const manager = new TopicManager(new Kafka({ brokers: ['b:9092'] }), { catalog: 'spm' });
  await manager.connect();
  expectType<TopicsReport>()(await manager.createAllTopics({ alterRetention: true }));
  expectType<GroupsReport>()(await manager.createConsumerGroups({ groups: ['billing'] }));
  await manager.disconnect();
  await admin.createAcls({ acl: acls(catalog) });
}

export function reason(error: unknown): string | CatalogProblem[] {
  if (error instanceof EnvelopeError) return error.reason;
  if (error instanceof SameCatalogError) return error.problems;
  return error instanceof CatalogError ? error.problems : '';
}

export async function serve(): Promise<void> {
  const service: KafkaService = getKafkaService({ catalog: 'etelios', brokers: ['b:9092'] });
  expectType<RecordMetadata>()(
    await service.publishEvent('user.created', { type: 'USER_CREATED', data: {} }, 'key'),
  );
  await service.publish('orders', [{ type: 'placed', data: { id: 1 } }]);
  await service.subscribe('orders', 'billing', async (event, metadata) => {
    expectType<string>()(metadata.correlationId);
    expectType<number>()(metadata.attempt);
    await metadata.complete?.({ client: {} });
  });
  await service.subscribe(
    /^orders/,
    undefined,
    { placed: (event) => event },
    { retry: { mode: 'delay-topics', delaysMs: [1_000] }, idempotency: {} },
  );
  expectType<'up' | 'degraded' | 'down'>()((await service.healthCheck()).status);
  // @ts-expect-error: no such mode
  await service.subscribe('orders', 'billing', () => {}, { retry: { mode: 'later' } });
  await service.shutdown();
}

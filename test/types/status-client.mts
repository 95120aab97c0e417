// Every public call of StatusClient, with the exact type of what it gives.

import {
  ConnectionState,
  Entity,
  StateEvent,
  StatusChange,
  StatusClient,
  StatusError,
  StatusGap,
  StatusRemove,
  StatusUpdate,
  Subscription,
} from 'easyflow-kafka/client';

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only where the value's type is exactly this one. */
function expectType<Expected>() {
  return <Actual,>(
    _value: Actual,
    ..._same: Same<Actual, Expected> extends true ? [] : [never]
  ) => {};
}

interface Task {
  status: 'running' | 'done';
}

const client = new StatusClient('/status', {
  token: async ({ reason }) => (reason === 'expired' ? null : 'token'),
  WebSocket,
  backoff: { baseMs: 100, maxMs: 5_000 },
  connectTimeoutMs: 5_000,
  queueSize: 100,
});
new StatusClient(new URL('wss://hub.example/status'));
new StatusClient('/status', { token: 'token', mode: 'all' });
// @ts-expect-error: a token is text
new StatusClient('/status', { token: 5 });
// @ts-expect-error: no such mode
new StatusClient('/status', { mode: 'some' });

expectType<ConnectionState>()(client.state);
const off = client.on('state', (event) => expectType<StateEvent>()(event));
expectType<() => void>()(off);
client.on('error', (error) => {
  expectType<StatusError>()(error);
  expectType<string>()(error.code);
  expectType<number | undefined>()(error.closeCode);
});
// @ts-expect-error: no such event
client.on('update', () => {});

const options = { maxRateMs: 250, filter: { status: ['failed', 'running'], 'owner.id': 5 } };
const subscription = client.subscribe<Task>(['task/*', 'job/1'], options);
expectType<Subscription<Task>>()(subscription);
expectType<Subscription<unknown>>()(client.subscribe('task/*', { mode: 'all', queueSize: 10 }));
expectType<ReadonlyMap<string, Entity<Task>>>()(subscription.entities);
subscription.on('update', (update) => {
  expectType<StatusUpdate<Task>>()(update);
  expectType<'running' | 'done'>()(update.data.status);
});
subscription.on('remove', (remove) => expectType<StatusRemove>()(remove));
subscription.on('gap', (gap) => expectType<StatusGap>()(gap));
subscription.on('snapshot', ({ recovered }) => expectType<boolean>()(recovered));
subscription.on('error', (error) => expectType<StatusError>()(error));
// @ts-expect-error: subscriptions are made by subscribe()
new Subscription();

export async function calls(): Promise<void> {
  expectType<void>()(await subscription.ready);
  for await (const change of subscription) {
    expectType<StatusChange<Task>>()(change);
    if (change.type === 'update') expectType<Task>()(change.data);
    else if (change.type === 'gap') expectType<string>()(change.reason);
    else expectType<string>()(change.channel);
  }
  expectType<{ at: string }>()(await client.publish('task.create', { a: 1 }, { key: '42' }));
  client.reconnect();
  subscription.close();
  client.close();
}

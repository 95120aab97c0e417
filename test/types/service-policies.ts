import {
  CircuitBreaker,
  ConcurrencyLimit,
  IdempotencyStore,
  MemoryIdempotencyStore,
  PostgresIdempotencyStore,
  RateLimit,
  RetryPolicy,
} from '../../lib/types/service-policies';

async function handle(id: string): Promise<number> {
  const store: IdempotencyStore = new MemoryIdempotencyStore({ maxIds: 10 });
  const claim = await store.claim(id, { leaseMs: 5_000 });
  if (claim.status === 'busy') return claim.retryAfterMs;
  if (claim.status === 'processed') return 0;
  await store.complete(id, claim.token);

  const decision = new RetryPolicy({ attempts: 3 }).decide(new Error('x'), { attempt: 1 });
  if (!decision.retry) throw new Error(decision.reason);

  const breaker = new CircuitBreaker({ name: 'crm' });
  breaker.on('open', ({ reason }) => console.log(reason.length));
  const answer: number = await breaker.execute(async () => 5);
  await new RateLimit({ limit: 5 }).wait('user');
  return answer + (await new ConcurrencyLimit({ limit: 1 }).run('user', () => decision.delayMs));
}
void handle;
void new PostgresIdempotencyStore({ connectionString: 'postgres://h/d', scope: 'group' });

// @ts-expect-error a limit is needed
new RateLimit({});
// @ts-expect-error no such jitter
new RetryPolicy({ jitter: 'some' });

'use strict';

const { TokenProvider } = require('../../../lib/clients/token-provider');

const jwt = (claims) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
const logger = { error: () => {} };

function handle() {
  const requests = [];
  return {
    requests,
    closed: false,
    retain: () => {},
    release: () => {},
    request: async (operation, args) => {
      requests.push([operation, args]);
    },
  };
}

async function tokenOf(answer) {
  const fake = handle();
  await new TokenProvider(
    async () => answer,
    logger,
    () => {},
  ).refresh(fake, '');
  return fake.requests[0];
}

test('KafkaJS’s answer: a JWT tells its own lifetime and principal', async () => {
  const exp = Math.floor(Date.now() / 1000) + 600;
  expect(await tokenOf({ value: jwt({ sub: 'me', exp }) })).toEqual([
    'setOauthBearerToken',
    { value: expect.any(String), principal: 'me', lifetimeMs: `${exp * 1000}`, extensions: {} },
  ]);
});

test('an opaque token is asked for again after some time', async () => {
  const [, { lifetimeMs, principal }] = await tokenOf({ value: 'opaque' });
  expect(Number(lifetimeMs)).toBeGreaterThan(Date.now());
  expect(principal).toBe('');
});

test('confluent’s answer: principal, lifetime as a date or a duration, extensions', async () => {
  const lifetime = Date.now() + 600_000;
  const extensions = new Map([['logicalCluster', 'lkc-1']]);
  expect((await tokenOf({ value: 't', principal: 'p', lifetime, extensions }))[1]).toEqual({
    value: 't',
    principal: 'p',
    lifetimeMs: `${lifetime}`,
    extensions: { logicalCluster: 'lkc-1' },
  });
  const [, { lifetimeMs }] = await tokenOf({ value: 't', lifetime: 60_000 });
  expect(Number(lifetimeMs)).toBeGreaterThan(Date.now() + 50_000);
});

test('ready() waits for the first token, not longer than asked', async () => {
  let answer;
  const provider = new TokenProvider(
    () => new Promise((resolve) => (answer = resolve)),
    logger,
    () => {},
  );
  const refreshed = provider.refresh(handle(), '');
  let ready = false;
  const waiting = provider.ready(60_000).then(() => {
    ready = true;
  });
  await provider.ready(1);
  expect(ready).toBe(false);
  answer({ value: 't' });
  await refreshed;
  await waiting;
  expect(ready).toBe(true);
});

test.each([
  ['throws', () => Promise.reject(new Error('no identity'))],
  ['answers nonsense', async () => ({ token: 'x' })],
])('a provider that %s is a typed error, for connect() and for librdkafka', async (_, provide) => {
  const fake = handle();
  const failures = [];
  await new TokenProvider(provide, logger, (e) => failures.push(e)).refresh(fake, '');
  expect(failures).toHaveLength(1);
  expect(failures[0]).toMatchObject({
    errorCode: 'ERR_KAFKA_AUTHENTICATION',
    cause: expect.any(Error),
  });
  expect(fake.requests.map(([operation]) => operation)).toEqual(['setOauthBearerTokenFailure']);
});

'use strict';

const { Display } = require('../../examples/lib/demo-display');

const { TERM } = process.env;
beforeAll(() => {
  process.env.TERM = 'xterm';
});
afterAll(() => {
  if (TERM === undefined) delete process.env.TERM;
  else process.env.TERM = TERM;
});

/** What is drawn of a topic whose latencies are all `ms`, without escape sequences. */
function picture(ms, columns) {
  let text = '';
  const out = { isTTY: true, columns, write: (part) => (text += part) };
  const entry = { received: 0, due: 100_000, latency: { percentile: () => ms } };
  new Display({ topics: new Map([['automation-results', entry]]) }, out).stop();
  return text.split('\n')[0].replace(/^.*K/, '');
}

test.each([NaN, 0.004, 9.999, 99.99, 999.94, 999.96, 1_234.5, 87_654.3])(
  'a latency of %d ms is whole in 60 columns, and takes the room of the others',
  (ms) => {
    const line = picture(ms, 60);
    expect(line).toMatch(/p50 +\S+, p99 +\S+ ms$/);
    expect(line).toHaveLength(59);
  },
);

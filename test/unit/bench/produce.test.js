'use strict';

const { produce } = require('../../../bench/lib/works/produce');

const ARGS = { batch: 1, inFlight: 10, size: 200, values: 'string' };

/** A side whose sends take a turn of the event loop; `sent` counts their messages. */
function fakeSide() {
  const side = {
    sent: 0,
    openProducer: async () => ({
      prepare: (values) => values.map((value) => ({ value })),
      send: async (messages) => {
        side.sent += messages.length;
        await new Promise(setImmediate);
      },
      close: () => {},
    }),
  };
  return side;
}

/** The first send only connects. */
const measured = (side) => side.sent - 1;

test('all messages are sent and counted when time is left', async () => {
  const side = fakeSide();
  const { result } = await produce(side, { ...ARGS, messages: 55, maxSeconds: 60 });
  expect(result.messages).toBe(55);
  expect(measured(side)).toBe(55);
});

test('a run whose time is over counts what it has sent', async () => {
  const side = fakeSide();
  const { result } = await produce(side, { ...ARGS, messages: Infinity, maxSeconds: 0.02 });
  expect(result.messages).toBe(measured(side));
  expect(result.messages).toBeGreaterThan(0);
});

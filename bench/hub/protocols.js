'use strict';

// What the load generator says to each server and hears from it; `{channels}` and `{since}` are filled in by it.

const SUBSCRIBED_WHOLE = '"more":false';

/** By side: { path, subprotocol?, update, steps: [['--expect' | '--send', text]], ping?, pong? } for a mode of subscribing. */
const PROTOCOLS = {
  easyflow: (mode) => ({
    path: '/status',
    subprotocol: 'easyflow-status.v1',
    update: '{"type":"update"',
    steps: [
      ['--expect', '"type":"welcome"'],
      ['--send', `{"type":"subscribe","id":1,"channels":{channels},"mode":"${mode}"{since}}`],
      ['--expect', SUBSCRIBED_WHOLE],
    ],
  }),
  ws: () => ({
    path: '/status',
    update: '{"type":"update"',
    steps: [
      ['--send', '{"type":"subscribe","id":1,"channels":{channels}}'],
      ['--expect', '"type":"subscribed"'],
    ],
  }),
  // Engine.IO 4 over WebSocket: 0 is open, 2 and 3 are ping and pong, 40 connects, 42 is an event.
  socketio: () => ({
    path: '/socket.io/?EIO=4&transport=websocket',
    update: '42["update"',
    steps: [
      ['--expect', '^0{'],
      ['--send', '40'],
      ['--expect', '^40{'],
      ['--send', '42["subscribe",{channels}]'],
      ['--expect', '^42["subscribed"'],
    ],
    ping: '2',
    pong: '3',
  }),
};

/** Our names of the generator's options. */
const NUMBERS = {
  connections: '--connections',
  inFlight: '--in-flight',
  rampPerSecond: '--ramp',
  timeoutSeconds: '--timeout-s',
  of: '--of',
  each: '--each',
  stuck: '--stuck',
  trickle: '--trickle',
  entities: '--entities',
  napUs: '--nap-us',
};
const TEXTS = { pattern: '--pattern', prefix: '--prefix' };
const FLAGS = { resumes: '--resumes', everyUpdate: '--every-update' };

/**
 * The generator's command line.
 *
 * @param {string} side
 * @param {object} load `port`, `mode`, and names of NUMBERS, TEXTS and FLAGS
 */
function loadArguments(side, load) {
  const { path, subprotocol, update, steps, ping, pong } = PROTOCOLS[side](load.mode ?? 'latest');
  const named = (names) =>
    Object.entries(names).flatMap(([name, option]) =>
      load[name] === undefined ? [] : [option, String(load[name])],
    );
  return [
    ...['--port', String(load.port), '--path', path, '--update', update],
    ...(subprotocol ? ['--protocol', subprotocol] : []),
    ...(ping ? ['--ping', ping, '--pong', pong] : []),
    ...steps.flat(),
    ...named({ ...NUMBERS, ...TEXTS }),
    ...Object.entries(FLAGS).flatMap(([name, option]) => (load[name] ? [option] : [])),
  ];
}

module.exports = { loadArguments };

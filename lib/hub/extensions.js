'use strict';

// Sec-WebSocket-Extensions (RFC 6455, 9.1) and the one extension there is, permessage-deflate (RFC 7692).

const TOKEN = String.raw`[!#$%&'*+\-.^_\`|~0-9A-Za-z]+`;
const OFFER_NAME = new RegExp(`[ \\t]*(${TOKEN})[ \\t]*`, 'y');
const PARAMETER = new RegExp(
  `;[ \\t]*(${TOKEN})[ \\t]*(?:=[ \\t]*(?:(${TOKEN})|"(${TOKEN})")[ \\t]*)?`,
  'y',
);

const WINDOW_BITS = /^(?:[89]|1[0-5])$/;
const LARGEST_WINDOW_BITS = '15';

/** What a message that is compressed once for all connections allows to be asked for. */
const PARAMETERS = {
  server_no_context_takeover: (value) => value === true,
  client_no_context_takeover: (value) => value === true,
  client_max_window_bits: (value) => value === true || WINDOW_BITS.test(value),
  // A smaller window would need a compression of its own.
  server_max_window_bits: (value) => value === LARGEST_WINDOW_BITS,
};

/**
 * @param {string} header
 * @returns {{ name: string, parameters: [string, string | true][] }[] | null} null: malformed
 */
function parseExtensions(header) {
  const offers = [];
  let at = 0;
  const next = (pattern) => {
    pattern.lastIndex = at;
    const match = pattern.exec(header);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  while (at < header.length) {
    const [, name] = next(OFFER_NAME) ?? [];
    if (name === undefined) return null;
    const parameters = [];
    for (let match = next(PARAMETER); match !== null; match = next(PARAMETER)) {
      parameters.push([match[1], match[2] ?? match[3] ?? true]);
    }
    offers.push({ name, parameters });
    if (at === header.length) break;
    if (header[at] !== ',') return null;
    at += 1;
    if (at === header.length) return null;
  }
  return offers;
}

function isAcceptable({ name, parameters }) {
  if (name.toLowerCase() !== 'permessage-deflate') return false;
  const names = new Set(parameters.map(([parameter]) => parameter));
  return (
    names.size === parameters.length &&
    parameters.every(
      ([parameter, value]) => Object.hasOwn(PARAMETERS, parameter) && PARAMETERS[parameter](value),
    )
  );
}

/**
 * @param {{ name: string, parameters: [string, string | true][] }[]} offers
 * @returns {string | null} the answer to the first offer that can be taken
 */
function acceptDeflate(offers) {
  const offer = offers.find(isAcceptable);
  if (offer === undefined) return null;
  const asked = offer.parameters.some(([name]) => name === 'server_max_window_bits');
  return [
    'permessage-deflate',
    'server_no_context_takeover',
    'client_no_context_takeover',
    ...(asked ? [`server_max_window_bits=${LARGEST_WINDOW_BITS}`] : []),
  ].join('; ');
}

module.exports = { parseExtensions, acceptDeflate };

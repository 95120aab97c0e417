'use strict';

// Names and sockets, one thing at a time, so that the first that fails can be told from what follows from it.

const dns = require('node:dns/promises');
const net = require('node:net');

/** `[::1]:9092`, `kafka:9092` */
function parseAddress(address) {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/^\[|\]$/g, '');
  return { host, port: Number(address.slice(at + 1)) };
}

const formatAddress = ({ host, port }) => `${net.isIPv6(host) ? `[${host}]` : host}:${port}`;

const NAME_ADVICE = {
  ENOTFOUND: (host) =>
    `Nobody knows the name ${host}: check its spelling, or whether it is a name inside a Docker or Kubernetes network only`,
  EAI_AGAIN: () => 'No name server answers: check the network, a VPN, /etc/resolv.conf',
};

async function lookup({ host }) {
  if (net.isIP(host)) return { status: 'ok', detail: 'an address, no name' };
  try {
    const found = await dns.lookup(host, { all: true });
    return { status: 'ok', detail: found.map(({ address }) => address).join(', ') };
  } catch (error) {
    const advice = NAME_ADVICE[error.code]?.(host) ?? 'Check the name and the name servers';
    return { status: 'failed', cause: `${error.code}: ${host} cannot be resolved`, advice };
  }
}

const CONNECT_ADVICE = {
  ECONNREFUSED:
    'Nothing listens there: is the broker running, on this port, and for more than its own 127.0.0.1?',
  ETIMEDOUT: 'Nothing answers: a firewall, a security group, or an address of another network',
  EHOSTUNREACH: 'There is no way to that network from here: VPN, routes',
  ENETUNREACH: 'There is no way to that network from here: VPN, routes',
};

/** The error of a name with several addresses is one of several. */
const causeOf = (error) => error.errors?.[0] ?? error;

function connect({ host, port }, timeoutMs) {
  return new Promise((resolve) => {
    const started = performance.now();
    const socket = net.connect({ host, port });
    const finish = (result) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const fail = (code, message) =>
      finish({
        status: 'failed',
        cause: `${code}: ${message}`,
        advice: CONNECT_ADVICE[code] ?? 'Check address, port and firewalls',
      });
    const timer = setTimeout(fail, timeoutMs, 'ETIMEDOUT', `no answer within ${timeoutMs} ms`);
    socket.once('connect', () => {
      const tookMs = Math.max(1, Math.round(performance.now() - started));
      finish({ status: 'ok', detail: `connected to ${socket.remoteAddress} in ${tookMs} ms` });
    });
    socket.once('error', (error) => {
      const { code, message } = causeOf(error);
      fail(code, message);
    });
  });
}

module.exports = { parseAddress, formatAddress, lookup, connect };

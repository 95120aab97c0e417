'use strict';

// KafkaJS gives `ssl` to tls.connect(); librdkafka has its own TLS, so each option is translated or refused.

const fs = require('node:fs');
const tls = require('node:tls');
const { checkOptions, invalidOption, is } = require('./validate');

const isPem = (v) => (typeof v === 'string' && v !== '') || Buffer.isBuffer(v);
const pem = {
  what: 'PEM text as a string or Buffer',
  test: (v) => isPem(v) || (Array.isArray(v) && v.length > 0 && v.every(isPem)),
  secret: true,
};

const VERIFICATION =
  "use `librdkafka: { 'ssl.endpoint.identification.algorithm': 'none' }` to accept any host name, " +
  '`rejectUnauthorized: false` to accept any certificate';

const sslShape = {
  ca: pem,
  cert: pem,
  key: pem,
  passphrase: is.secret(is.anyString),
  rejectUnauthorized: is.boolean,
  ciphers: is.string,
  sigalgs: is.string,
  ecdhCurve: is.string,
  enableTrace: is.boolean,
  servername: is.notSupported('librdkafka takes the host name of the broker'),
  checkServerIdentity: is.notSupported(VERIFICATION),
  pfx: is.notSupported(
    "give `cert` and `key` as PEM, or `librdkafka: { 'ssl.keystore.location', 'ssl.keystore.password' }`",
  ),
  secureContext: is.notSupported('give `ca`, `cert` and `key`'),
  minVersion: is.notSupported('librdkafka takes TLS 1.2 and 1.3 as its OpenSSL allows'),
  maxVersion: is.notSupported('librdkafka takes TLS 1.2 and 1.3 as its OpenSSL allows'),
  secureProtocol: is.notSupported('librdkafka takes TLS 1.2 and 1.3 as its OpenSSL allows'),
  ALPNProtocols: is.notSupported('the Kafka protocol knows none'),
  socket: is.notSupported('librdkafka opens its own sockets'),
  host: is.notSupported('the addresses are in `brokers`'),
  port: is.notSupported('the addresses are in `brokers`'),
};

/** @returns {false | object} what was given, checked */
function checkSsl(ssl) {
  if (ssl === undefined || ssl === null || ssl === false) return false;
  if (ssl === true) return {};
  // Checked already: a client of the same Kafka object.
  return checkOptions(sslShape, ssl, 'ssl', { prefix: 'ssl.' });
}

function pemText(value) {
  const parts = Array.isArray(value) ? value : [value];
  return parts.map((part) => String(part).trim()).join('\n') + '\n';
}

let systemCas;

/**
 * Node's own root certificates and those of NODE_EXTRA_CA_CERTS: a static OpenSSL knows only the certificate folder of
 * the machine that it was built on.
 */
function defaultCas() {
  if (systemCas === undefined) {
    const extra = process.env.NODE_EXTRA_CA_CERTS;
    let extraText = '';
    try {
      if (extra) extraText = `\n${fs.readFileSync(extra, 'utf8').trim()}`;
    } catch {
      // Node itself has warned about it at start.
    }
    systemCas = tls.rootCertificates.join('\n') + extraText + '\n';
  }
  return systemCas;
}

/** The properties of `ssl`, in order. */
function sslEntries(ssl, properties) {
  const entries = [];
  if (ssl === false) return entries;
  const verify = ssl.rejectUnauthorized !== false;
  if (ssl.ca !== undefined) entries.push(['ssl.ca.pem', pemText(ssl.ca)]);
  else if (verify && !ownsCa(properties)) entries.push(['ssl.ca.pem', defaultCas()]);
  if (ssl.cert !== undefined) entries.push(['ssl.certificate.pem', pemText(ssl.cert)]);
  if (ssl.key !== undefined) {
    if (Array.isArray(ssl.key) && ssl.key.length > 1) {
      throw invalidOption('one private key', 'ssl.key', ssl.key, { secret: true });
    }
    entries.push(['ssl.key.pem', pemText(ssl.key)]);
  }
  if (ssl.passphrase !== undefined) entries.push(['ssl.key.password', ssl.passphrase]);
  if (ssl.ciphers !== undefined) entries.push(['ssl.cipher.suites', ssl.ciphers]);
  if (ssl.sigalgs !== undefined) entries.push(['ssl.sigalgs.list', ssl.sigalgs]);
  if (ssl.ecdhCurve !== undefined && ssl.ecdhCurve !== 'auto') {
    entries.push(['ssl.curves.list', ssl.ecdhCurve]);
  }
  entries.push(['enable.ssl.certificate.verification', String(verify)]);
  entries.push(['ssl.endpoint.identification.algorithm', verify ? 'https' : 'none']);
  return entries;
}

const CA_PROPERTIES = ['ssl.ca.location', 'ssl.ca.pem', 'ssl.ca.certificate.stores'];

function ownsCa(properties) {
  return CA_PROPERTIES.some((name) => Object.hasOwn(properties, name));
}

module.exports = { checkSsl, sslEntries, defaultCas, ownsCa };

'use strict';

// A handshake by Node's TLS with the certificates that librdkafka would use: it says more about what is wrong.

const fs = require('node:fs');
const net = require('node:net');
const tls = require('node:tls');
const { defaultCas } = require('../../options/ssl');

// TLS 1.3 refuses a client without a certificate after its handshake, and gives one that it takes a session. A server
// without sessions says nothing.
const AFTER_HANDSHAKE_MS = 2_000;
const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

const UNTRUSTED = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** One of the settings of `ssl`, or of librdkafka's for the same. */
function read(properties, name) {
  const pem = properties[`ssl.${name}.pem`];
  if (pem !== undefined) return { value: pem, from: `ssl.${name}.pem` };
  const file = properties[`ssl.${name}.location`];
  if (file === undefined) return {};
  return { value: fs.readFileSync(file), from: `${file} (ssl.${name}.location)` };
}

/** @param {object} kafka options of `new Kafka()` */
function tlsOptionsOf({ ssl, librdkafka = {} }) {
  const given = typeof ssl === 'object' ? ssl : {};
  const ca = given.ca === undefined ? read(librdkafka, 'ca') : { value: given.ca, from: 'ssl.ca' };
  const certificate = read(librdkafka, 'certificate');
  const key = read(librdkafka, 'key');
  const extra = process.env.NODE_EXTRA_CA_CERTS ? ' and NODE_EXTRA_CA_CERTS' : '';
  return {
    ca: ca.value ?? defaultCas(),
    caFrom: ca.from ?? `Node's root certificates${extra}`,
    cert: given.cert ?? certificate.value,
    key: given.key ?? key.value,
    passphrase: given.passphrase ?? librdkafka['ssl.key.password'],
    verifies:
      given.rejectUnauthorized !== false &&
      String(librdkafka['enable.ssl.certificate.verification'] ?? 'true') === 'true',
    verifiesHost:
      given.rejectUnauthorized !== false &&
      librdkafka['ssl.endpoint.identification.algorithm'] !== 'none',
  };
}

function open({ host, port }, options, timeoutMs) {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      host,
      port,
      ca: options.ca,
      cert: options.cert,
      key: options.key,
      passphrase: options.passphrase,
      ...(net.isIP(host) === 0 && { servername: host }),
      // Judged below: a refusal would hide the certificate.
      rejectUnauthorized: false,
    });
    const finish = (settle, value) => {
      clearTimeout(timer);
      settle(value);
      socket.destroy();
    };
    let timer = setTimeout(() => {
      const error = new Error(`no handshake within ${timeoutMs} ms`);
      finish(reject, Object.assign(error, { code: 'ETIMEDOUT' }));
    }, timeoutMs);
    socket.once('error', (error) => finish(reject, error));
    socket.once('secureConnect', () => {
      const found = {
        certificate: socket.getPeerCertificate(),
        protocol: socket.getProtocol(),
        untrusted: socket.authorizationError ?? null,
      };
      clearTimeout(timer);
      const waitMs = found.protocol === 'TLSv1.3' ? AFTER_HANDSHAKE_MS : 0;
      timer = setTimeout(finish, waitMs, resolve, found);
      socket.once('session', () => finish(resolve, found));
      socket.once('close', () => finish(resolve, { ...found, closed: true }));
    });
  });
}

const nameOf = (subject = {}) => [subject.CN, subject.O].filter(Boolean).join(', ') || '(no name)';

function describe({ certificate, protocol }, { caFrom }) {
  const until = new Date(certificate.valid_to).toISOString().slice(0, 10);
  return (
    `${protocol}, certificate of ${nameOf(certificate.subject)}, issued by ${nameOf(certificate.issuer)}, ` +
    `valid until ${until}, for ${certificate.subjectaltname ?? 'no host'}; trusted are ${caFrom}`
  );
}

function judgeTrust({ untrusted }, { verifies, caFrom }) {
  if (!verifies || untrusted === null || untrusted === 'ERR_TLS_CERT_ALTNAME_INVALID') return null;
  const cause = `${untrusted}: the certificate is not trusted`;
  if (UNTRUSTED.has(untrusted)) {
    const advice = `Its issuer is none of ${caFrom}: give the authority's certificate as ssl.ca.location in client.properties`;
    return { cause, advice };
  }
  if (untrusted === 'CERT_HAS_EXPIRED') {
    return { cause, advice: "The broker's certificate (or its authority's) has to be renewed" };
  }
  return { cause, advice: "Check the broker's certificate and this machine's clock" };
}

function judgeHost({ certificate }, { verifies, verifiesHost }, host) {
  if (!verifies || !verifiesHost) return null;
  const error = tls.checkServerIdentity(host, certificate);
  if (error === undefined) return null;
  return {
    cause: `${error.code}: ${error.reason}`,
    advice: `Connect to a name that the certificate has, or issue one that has ${host}`,
  };
}

function failureOf(error) {
  const code = error.code ?? 'ETLS';
  const cause = `${code}: ${error.message.replace(/^[0-9A-F]+:error:[0-9A-F]*:/, '').trim()}`;
  if (/CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNKNOWN_CA/.test(code)) {
    const advice =
      'The broker wants a client certificate that it trusts: ssl.certificate.location and ssl.key.location';
    return { cause, advice };
  }
  if (code === 'ENOENT') return { cause, advice: 'Check the paths of the ssl.*.location settings' };
  return {
    cause,
    advice:
      'The port may speak no TLS: compare with the listeners of the broker, or use security.protocol PLAINTEXT or SASL_PLAINTEXT',
  };
}

async function handshake(address, kafka, timeoutMs) {
  let options;
  let found;
  try {
    options = tlsOptionsOf(kafka);
    found = await open(address, options, timeoutMs);
  } catch (error) {
    return { status: 'failed', ...failureOf(error) };
  }
  const detail = describe(found, options);
  const wrong = judgeTrust(found, options) ?? judgeHost(found, options, address.host);
  if (wrong !== null) return { status: 'failed', detail, ...wrong };
  const days = Math.floor((Date.parse(found.certificate.valid_to) - Date.now()) / DAY_MS);
  if (days < SOON_DAYS) {
    const advice = 'Renew it: afterwards no client connects';
    return { status: 'warning', detail, cause: `the certificate ends in ${days} days`, advice };
  }
  return { status: 'ok', detail };
}

/** Whether a port that was taken for plain text speaks TLS. */
async function speaksTls(address, timeoutMs) {
  try {
    await open(address, {}, timeoutMs);
    return true;
  } catch (error) {
    return /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE/.test(error.code ?? '');
  }
}

module.exports = { handshake, speaksTls, tlsOptionsOf };

'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');

function openssl(args, directory) {
  execFileSync('openssl', args, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
}

/** A key and a certificate for `name`, signed by ca.pem in the same directory. */
function issue(directory, name, extensions) {
  const extensionFile = path.join(directory, `${name}.ext`);
  fs.writeFileSync(extensionFile, extensions);
  const request = ['req', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`];
  openssl([...request, '-out', `${name}.csr`, '-subj', `/CN=${name}`], directory);
  const sign = ['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key'];
  openssl(
    [...sign, '-CAcreateserial', '-days', '30', '-out', `${name}.pem`, '-extfile', `${name}.ext`],
    directory,
  );
}

/**
 * A certificate authority, a server certificate for localhost and 127.0.0.1 and a client
 * certificate. Returns their paths and the broker properties that use them.
 */
function makeCertificates(directory) {
  fs.mkdirSync(directory, { recursive: true });
  const ca = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30'];
  openssl([...ca, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test-ca'], directory);
  issue(directory, 'server', 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  issue(directory, 'client', 'extendedKeyUsage=clientAuth\n');
  const file = (name) => path.join(directory, name);
  const keystore = file('server-keystore.pem');
  fs.writeFileSync(
    keystore,
    fs.readFileSync(file('server.key'), 'utf8') + fs.readFileSync(file('server.pem'), 'utf8'),
  );
  return {
    ca: file('ca.pem'),
    clientCertificate: file('client.pem'),
    clientKey: file('client.key'),
    properties: {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': keystore,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': file('ca.pem'),
    },
  };
}

module.exports = { makeCertificates };

'use strict';

const { checkOptions, invalidOption, unsupported, is } = require('./validate');

const credentials = {
  mechanism: is.string,
  username: is.secret(is.anyString),
  password: is.secret(is.anyString),
};
const MECHANISMS = {
  PLAIN: credentials,
  'SCRAM-SHA-256': credentials,
  'SCRAM-SHA-512': credentials,
  OAUTHBEARER: { mechanism: is.string, oauthBearerProvider: is.func },
};

/** @returns {null | { mechanism: string, username?: string, password?: string, oauthBearerProvider?: Function }} */
function checkSasl(sasl) {
  if (sasl === undefined || sasl === null || sasl === false) return null;
  if (typeof sasl.mechanism !== 'string') {
    throw invalidOption(
      `one of ${Object.keys(MECHANISMS).join(', ')}`,
      'sasl.mechanism',
      sasl.mechanism,
    );
  }
  if (sasl.authenticationProvider !== undefined) {
    throw unsupported(
      'sasl.authenticationProvider',
      'librdkafka has no custom authenticators; use PLAIN, SCRAM or OAUTHBEARER with oauthBearerProvider',
    );
  }
  const mechanism = sasl.mechanism.toUpperCase();
  if (mechanism === 'AWS' || mechanism === 'AWS-MSK-IAM') {
    throw unsupported(
      `sasl.mechanism '${sasl.mechanism}'`,
      'for AWS MSK use OAUTHBEARER with a token of aws-msk-iam-sasl-signer-js',
    );
  }
  const shape = MECHANISMS[mechanism];
  if (shape === undefined) {
    throw invalidOption(
      `one of ${Object.keys(MECHANISMS).join(', ')} (in any case)`,
      'sasl.mechanism',
      sasl.mechanism,
    );
  }
  const checked = checkOptions(shape, sasl, 'sasl', { prefix: 'sasl.' });
  for (const name of ['username', 'password']) {
    if (shape === credentials && checked[name] === undefined) {
      throw invalidOption('a string', `sasl.${name}`, sasl[name], { secret: true });
    }
  }
  return { ...checked, mechanism };
}

function saslEntries(sasl) {
  if (sasl === null) return [];
  const entries = [['sasl.mechanisms', sasl.mechanism]];
  if (sasl.username !== undefined) entries.push(['sasl.username', sasl.username]);
  if (sasl.password !== undefined) entries.push(['sasl.password', sasl.password]);
  // KafkaJS has no unsecured tokens; confluent has: librdkafka makes them by itself when no provider is given.
  if (sasl.mechanism === 'OAUTHBEARER' && sasl.oauthBearerProvider === undefined) {
    entries.push(['enable.sasl.oauthbearer.unsecure.jwt', 'true']);
  }
  return entries;
}

module.exports = { checkSasl, saslEntries };

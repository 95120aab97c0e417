'use strict';

// SASL/OAUTHBEARER: librdkafka asks for a token (TokenRefresh), the user's provider is awaited, the token handed back.
// KafkaJS's provider returns { value }; @confluentinc/kafka-javascript's also principal, lifetime and extensions.

const { classes } = require('../errors');

// A token that does not say how long it lives is asked for again after this time.
const FALLBACK_LIFETIME_MS = 15 * 60_000;
// A lifetime below this cannot be a date in ms since 1970: it is a duration.
const SMALLEST_DATE_MS = 1e11;

class TokenProvider {
  #provider;
  #logger;
  #onFailure;
  #ready;
  #setReady;

  constructor(provider, logger, onFailure) {
    this.#provider = provider;
    this.#logger = logger;
    this.#onFailure = onFailure;
    this.#ready = new Promise((resolve) => {
      this.#setReady = resolve;
    });
  }

  /** Waits for the provider's first answer, at most `timeoutMs`: requests before it would only wait in librdkafka. */
  async ready(timeoutMs) {
    let timer;
    const timeout = new Promise((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.#ready, timeout]);
    clearTimeout(timer);
  }

  /** Never rejects. */
  async refresh(handle, oauthbearerConfig) {
    handle.retain();
    try {
      const token = describeToken(await this.#provider(oauthbearerConfig));
      await handle.request('setOauthBearerToken', token);
      this.#setReady();
    } catch (cause) {
      if (handle.closed || cause?.errorCode === 'ERR_KAFKA_CLOSED') return;
      const error = new classes.KafkaJSSASLAuthenticationError(
        `The OAUTHBEARER provider failed: ${cause?.message ?? cause}`,
        { cause },
      );
      this.#logger.error(error.message, { stack: cause?.stack });
      this.#onFailure(error);
      this.#setReady(); // there is an answer: nobody waits on for a token
      await handle
        .request('setOauthBearerTokenFailure', { message: error.message })
        .catch(() => {}); // closed meanwhile: nobody waits for it
    } finally {
      handle.release();
    }
  }
}

function describeToken(token) {
  const value = token?.value;
  if (typeof value !== 'string' || value === '') {
    throw new classes.KafkaJSInvalidOptionError(
      'Expected an object with a non-empty string "value" as the result of oauthBearerProvider',
      { option: 'sasl.oauthBearerProvider' },
    );
  }
  const claims = claimsOf(value);
  const extensions =
    token.extensions instanceof Map ? Object.fromEntries(token.extensions) : token.extensions;
  return {
    value,
    principal: String(token.principal ?? claims.sub ?? ''),
    lifetimeMs: String(lifetimeOf(token.lifetime, claims)),
    extensions: extensions ?? {},
  };
}

function lifetimeOf(lifetime, claims) {
  const now = Date.now();
  if (lifetime !== undefined && lifetime !== null) {
    const ms = Math.floor(Number(lifetime));
    return ms < SMALLEST_DATE_MS ? now + ms : ms;
  }
  return Number.isFinite(claims.exp) ? Math.floor(claims.exp * 1000) : now + FALLBACK_LIFETIME_MS;
}

/** The payload of a JWT; nothing for an opaque token. */
function claimsOf(token) {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) ?? {};
  } catch {
    return {};
  }
}

module.exports = { TokenProvider };

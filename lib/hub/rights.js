'use strict';

// The two questions that the application answers: who is this request, and may this subject subscribe to that pattern?

const { LRUCache } = require('lru-cache');
const { checkGrant, isExpired } = require('./grant');

/** Of an authentication. */
const Verdict = Object.freeze({
  granted: 'granted',
  /** The token has to come by a message. */
  later: 'later',
  refused: 'refused',
  /** The application did not answer in time. */
  late: 'late',
});

const LATE = Symbol('late');

/** The length keeps a subject and a pattern from being read as another pair. */
const keyOf = (subject, pattern) => `${subject.length}:${subject}${pattern}`;

/** A question to the application. It is late when its deadline comes, or when nobody waits for it any more. */
class Question {
  /** Subjects that were revoked while it runs: what is answered about them does not count. */
  revoked = new Set();
  #controller = new AbortController();
  #late;
  #end;

  constructor() {
    this.#late = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** @param {string} why */
  cancel(why) {
    this.#end(LATE);
    this.#controller.abort(new Error(why));
  }

  /**
   * @param {number} deadlineMs
   * @param {(signal: AbortSignal) => unknown} call
   * @returns {Promise<unknown>} what it resolves with, or LATE
   */
  async answer(deadlineMs, call) {
    const timer = setTimeout(() => this.cancel('The deadline has passed'), deadlineMs);
    try {
      return await Promise.race([(async () => call(this.#controller.signal))(), this.#late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

class Rights {
  #authenticate = null;
  #authorize = null;
  #options;
  #verdicts;
  #onFailure;
  /** Questions that run. */
  #asked = new Set();

  /**
   * @param {object} options result of hubOptions()
   * @param {(error: Error, what: string) => void} onFailure the application's function failed
   */
  constructor(options, onFailure) {
    this.#options = options;
    this.#onFailure = onFailure;
    const { max, ttlMs } = options.authorizeCache;
    this.#verdicts = new LRUCache({ max, ttl: ttlMs });
  }

  set authenticator(fn) {
    this.#authenticate = fn;
  }

  set authorizer(fn) {
    this.#authorize = fn;
  }

  get authenticates() {
    return this.#authenticate !== null;
  }

  get asksAuthorize() {
    return this.#authorize !== null;
  }

  /** How many verdicts of authorize() are kept. */
  get cached() {
    return this.#verdicts.size;
  }

  /**
   * @param {import('./request').HubRequest} request
   * @returns {Promise<{ verdict: string, grant?: import('./grant').Grant }>} never rejects
   */
  async authenticate(request) {
    if (this.#authenticate === null) {
      return { verdict: Verdict.granted, grant: this.#options.anonymous };
    }
    const question = this.#ask();
    try {
      const answer = await question.answer(this.#options.handshakeMs, (signal) =>
        this.#authenticate({ ...request, signal }),
      );
      if (answer === LATE) return { verdict: Verdict.late };
      if (answer === undefined || answer === null) return { verdict: Verdict.later };
      const grant = checkGrant(answer, 'authenticate()');
      if (grant.subject === '') throw new Error('authenticate() gave an empty subject');
      const refused = isExpired(grant) || question.revoked.has(grant.subject);
      return refused ? { verdict: Verdict.refused } : { verdict: Verdict.granted, grant };
    } catch (error) {
      this.#onFailure(error, 'authenticate');
      return { verdict: Verdict.refused };
    } finally {
      this.#asked.delete(question);
    }
  }

  /**
   * @returns {Promise<boolean | null>} null: it could not be found out. Never rejects.
   */
  authorize(subject, pattern) {
    const key = keyOf(subject, pattern);
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known.answer;
    // The question is kept before it is answered, so that a crowd that asks the same asks once.
    const entry = { subject, answer: null };
    entry.answer = this.#authorizeNow(subject, pattern).then((verdict) => {
      if (verdict === null && this.#verdicts.peek(key) === entry) this.#verdicts.delete(key);
      return verdict;
    });
    this.#verdicts.set(key, entry);
    return entry.answer;
  }

  async #authorizeNow(subject, pattern) {
    const question = this.#ask();
    try {
      const answer = await question.answer(this.#options.authorizeMs, (signal) =>
        this.#authorize({ subject, pattern, signal }),
      );
      if (answer === LATE) throw new Error('authorize() did not answer in time');
      return answer === true && !question.revoked.has(subject);
    } catch (error) {
      this.#onFailure(error, 'authorize');
      return null;
    } finally {
      this.#asked.delete(question);
    }
  }

  #ask() {
    const question = new Question();
    this.#asked.add(question);
    return question;
  }

  /** Nobody waits for an answer any more. */
  cancelAll() {
    for (const question of this.#asked) question.cancel('The hub is closing');
  }

  /** What was found out about the subject, or is being found out, counts no longer. */
  forget(subject) {
    for (const { revoked } of this.#asked) revoked.add(subject);
    for (const [key, entry] of this.#verdicts.entries()) {
      if (entry.subject === subject) this.#verdicts.delete(key);
    }
  }
}

module.exports = { Rights, Verdict };

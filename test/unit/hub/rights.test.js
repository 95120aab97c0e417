'use strict';

const { Admission } = require('../../../lib/hub/admission');
const { mayPublish, nativeGrant } = require('../../../lib/hub/grant');
const { hubOptions } = require('../../../lib/hub/options');
const { Rights, Verdict } = require('../../../lib/hub/rights');
const { deferred } = require('../../shared/consumer-tools');

const base = { topics: ['t'], channel: '{id}' };
const request = { headers: {}, token: 'x' };

let failures;
function rightsOf(options) {
  failures = [];
  return new Rights(hubOptions({ ...base, ...options }), (error, what) =>
    failures.push([what, error.message]),
  );
}

describe('authenticate', () => {
  const answerOf = (answer, options) => {
    const rights = rightsOf(options);
    rights.authenticator = typeof answer === 'function' ? answer : () => answer;
    return rights.authenticate(request);
  };

  test('a grant, with a Date as milliseconds', async () => {
    const expiresAt = new Date(Date.now() + 60_000);
    expect(await answerOf({ subject: 'u', allow: ['a/*'], expiresAt })).toEqual({
      verdict: Verdict.granted,
      grant: { subject: 'u', allow: ['a/*'], expiresAt: expiresAt.getTime(), publish: [] },
    });
  });

  test.each([undefined, Infinity, 1e300])('rights that end at %s do not end', async (expiresAt) => {
    const { verdict, grant } = await answerOf({ subject: 'u', allow: [], expiresAt });
    expect(verdict).toBe(Verdict.granted);
    expect(nativeGrant(grant)).toEqual({ subject: 'u', allow: [], publish: false });
  });

  test.each([undefined, null])('%s: the token comes by a message', async (answer) => {
    expect(await answerOf(answer)).toEqual({ verdict: Verdict.later });
  });

  test('a throw refuses', async () => {
    const rejecting = async () => {
      throw new Error('secret');
    };
    expect(await answerOf(rejecting)).toEqual({ verdict: Verdict.refused });
    expect(failures).toEqual([['authenticate', 'secret']]);
  });

  test('rights that have ended refuse', async () => {
    const ended = { subject: 'u', allow: [], expiresAt: Date.now() - 1 };
    expect(await answerOf(ended)).toEqual({ verdict: Verdict.refused });
  });

  test.each([
    [{}, /a string for authenticate\(\): subject/],
    [{ subject: '', allow: [] }, /empty subject/],
    [{ subject: 'u' }, /for authenticate\(\): allow/],
    [{ subject: 'u', allow: 'a/*' }, /for authenticate\(\): allow/],
    [{ subject: 'u', allow: ['a*b'] }, /for authenticate\(\): allow/],
    [{ subject: 'u', allow: [], expiresAt: '2030' }, /authenticate\(\): expiresAt/],
    [{ subject: 'u', allow: [], expiresAt: new Date(NaN) }, /authenticate\(\): expiresAt/],
    [{ subject: 'u', allow: [], alow: [] }, /Unknown option "authenticate\(\): alow"/],
    ['u', /an object \{ subject, allow \}/],
  ])('%j is no grant: refused, and told', async (answer, message) => {
    expect(await answerOf(answer)).toEqual({ verdict: Verdict.refused });
    expect(failures[0][1]).toMatch(message);
  });

  test('who is late is told by the signal', async () => {
    let signal;
    const never = (asked) => {
      ({ signal } = asked);
      return new Promise(() => {});
    };
    expect(await answerOf(never, { handshakeMs: 1 })).toEqual({ verdict: Verdict.late });
    expect(signal.aborted).toBe(true);
  });

  test('a subject that is revoked while it is asked about is refused', async () => {
    const rights = rightsOf();
    const answer = deferred();
    rights.authenticator = () => answer.promise;
    const asked = rights.authenticate(request);
    rights.forget('u');
    answer.resolve({ subject: 'u', allow: ['*'] });
    expect(await asked).toEqual({ verdict: Verdict.refused });
  });

  test('nobody is asked where everybody is let in', async () => {
    const rights = rightsOf({ anonymous: { allow: ['a/*'] } });
    const { verdict, grant } = await rights.authenticate(request);
    expect([verdict, grant.subject, grant.allow]).toEqual([Verdict.granted, '', ['a/*']]);
  });
});

describe('authorize', () => {
  function counting(options, answer = ({ pattern }) => pattern === 'yes') {
    const rights = rightsOf(options);
    const asked = [];
    rights.authorizer = ({ subject, pattern }) => {
      asked.push(`${subject} ${pattern}`);
      return answer({ subject, pattern });
    };
    return { rights, asked };
  }

  test('is asked once for each subject and pattern, yes or no', async () => {
    const { rights, asked } = counting();
    expect(await rights.authorize('u', 'yes')).toBe(true);
    expect(await rights.authorize('u', 'yes')).toBe(true);
    expect(await rights.authorize('u', 'no')).toBe(false);
    expect(await rights.authorize('u', 'no')).toBe(false);
    expect(await rights.authorize('v', 'yes')).toBe(true);
    expect(asked).toEqual(['u yes', 'u no', 'v yes']);
  });

  test('a crowd that asks the same asks once', async () => {
    const answer = deferred();
    const { rights, asked } = counting({}, () => answer.promise);
    const crowd = Promise.all(Array.from({ length: 50 }, () => rights.authorize('u', 'p')));
    answer.resolve(true);
    expect(new Set(await crowd)).toEqual(new Set([true]));
    expect(asked).toHaveLength(1);
  });

  test('only true is yes', async () => {
    const { rights } = counting({}, () => 'yes');
    expect(await rights.authorize('u', 'p')).toBe(false);
  });

  test('a failure is no verdict: it is told, and asked again', async () => {
    let isDown = true;
    const { rights, asked } = counting({}, () => {
      if (isDown) throw new Error('down');
      return true;
    });
    expect(await rights.authorize('u', 'p')).toBeNull();
    expect(failures).toEqual([['authorize', 'down']]);
    isDown = false;
    expect(await rights.authorize('u', 'p')).toBe(true);
    expect(asked).toHaveLength(2);
  });

  test('no answer in time is no verdict', async () => {
    const { rights } = counting({ authorizeMs: 1 }, () => new Promise(() => {}));
    expect(await rights.authorize('u', 'p')).toBeNull();
  });

  test('what is kept is bounded', async () => {
    const { rights, asked } = counting({ authorizeCache: { max: 2 } });
    for (const pattern of ['a', 'b', 'c', 'a']) await rights.authorize('u', pattern);
    expect(rights.cached).toBe(2);
    expect(asked).toHaveLength(4);
  });

  test("revoking forgets a subject's verdicts, and what is asked about it says no", async () => {
    const answer = deferred();
    const answers = { kept: true, asked: answer.promise, other: true };
    const { rights, asked } = counting({}, ({ pattern }) => answers[pattern]);
    await rights.authorize('u', 'kept');
    await rights.authorize('v', 'other');
    const pending = rights.authorize('u', 'asked');
    rights.forget('u');
    answer.resolve(true);
    expect(await pending).toBe(false);
    await rights.authorize('u', 'kept');
    await rights.authorize('v', 'other');
    expect(asked).toEqual(['u kept', 'v other', 'u asked', 'u kept']);
  });
});

test('a right to publish is one to a route, or to all', () => {
  expect(mayPublish({ publish: ['a'] }, 'a')).toBe(true);
  expect(mayPublish({ publish: ['a'] }, 'b')).toBe(false);
  expect(mayPublish({ publish: ['*'] }, 'b')).toBe(true);
  expect(mayPublish({ publish: [] }, 'a')).toBe(false);
});

describe('limits of connections', () => {
  const limits = { connections: 3, connectionsPerSubject: 1, connectionsPerAddress: 2 };
  const refusal = expect.objectContaining({ status: 429 });

  test('of an address, and in total', () => {
    const admission = new Admission(limits);
    const first = admission.enter('a');
    admission.enter('a');
    expect(() => admission.enter('a')).toThrow(refusal);
    admission.enter('b');
    expect(() => admission.enter('b')).toThrow(refusal);
    first.leave();
    first.leave();
    expect(admission.total).toBe(2);
    admission.enter('a');
    expect(() => admission.enter('c')).toThrow(refusal);
  });

  test('of a subject; anonymous ones are nobody’s', () => {
    const admission = new Admission(limits);
    const [one, two] = [admission.enter('a'), admission.enter('a')];
    expect(one.takeSubject('u')).toBe(true);
    expect(one.takeSubject('u')).toBe(true);
    expect(two.takeSubject('u')).toBe(false);
    one.leave();
    expect(two.takeSubject('u')).toBe(true);
    expect(admission.enter('b').takeSubject('')).toBe(true);
    two.leave();
    expect(admission.enter('b').takeSubject('')).toBe(true);
  });
});

'use strict';

/** Edit distance with transpositions, given up above `limit`. */
function distance(a, b, limit) {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforePrevious = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      current[j] = Math.min(
        previous[j] + 1,
        current[j - 1] + 1,
        previous[j - 1] + (same ? 0 : 1),
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? beforePrevious[j - 2] + 1
          : Infinity,
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length];
}

const plain = (name) => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** The known name that is most probably meant, or undefined when none is near. */
function nearest(name, known) {
  const wanted = plain(name);
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  let best;
  let bestDistance = limit + 1;
  for (const candidate of known) {
    const d = distance(wanted, plain(candidate), limit);
    if (d < bestDistance) {
      best = candidate;
      bestDistance = d;
    }
  }
  return best;
}

module.exports = { nearest };

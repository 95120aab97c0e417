export function matchesPattern(pattern, channel) {
  return pattern.endsWith('*') ? channel.startsWith(pattern.slice(0, -1)) : channel === pattern;
}

export function matchesFilter(filter, data) {
  return Object.entries(filter).every(([path, wanted]) =>
    [].concat(wanted).includes(path.split('.').reduce((value, field) => value?.[field], data)),
  );
}

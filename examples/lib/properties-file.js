'use strict';

// Reads Java's properties syntax: what `client.properties` of every Kafka client is written in.

const ESCAPES = { t: '\t', n: '\n', r: '\r', f: '\f' };

class PropertiesSyntaxError extends Error {
  constructor(message, line) {
    super(message);
    this.line = line;
  }
}

function endsWithOpenBackslash(text) {
  return /\\*$/.exec(text)[0].length % 2 === 1;
}

/** Joins continuation lines; comments and blank lines are dropped. */
function logicalLines(text) {
  const natural = text.replace(/^\uFEFF/, '').split(/\r\n|[\r\n]/);
  const lines = [];
  for (let at = 0; at < natural.length; at += 1) {
    const line = at + 1;
    let content = natural[at].replace(/^[ \t\f]+/, '');
    if (content === '' || content[0] === '#' || content[0] === '!') continue;
    while (endsWithOpenBackslash(content)) {
      content = content.slice(0, -1);
      if (at + 1 >= natural.length) break;
      at += 1;
      content += natural[at].replace(/^[ \t\f]+/, '');
    }
    lines.push({ line, content });
  }
  return lines;
}

function unescape(text, line) {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|([^]))/g, (_, hex, char) => {
    if (hex) return String.fromCharCode(Number.parseInt(hex, 16));
    if (char === 'u') {
      throw new PropertiesSyntaxError('expected four hexadecimal digits after \\u', line);
    }
    return ESCAPES[char] ?? char;
  });
}

/**
 * @param {string} text
 * @returns {{ key: string, value: string, line: number }[]} in order; a key may come twice
 */
function parseProperties(text) {
  return logicalLines(text).map(({ line, content }) => {
    const [, key, value] = /^((?:\\[^]|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*([^]*)$/.exec(content);
    return { key: unescape(key, line), value: unescape(value, line), line };
  });
}

module.exports = { parseProperties, PropertiesSyntaxError };

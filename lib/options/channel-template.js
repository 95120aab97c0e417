'use strict';

// The template of a StatusHub's channels, '{entityType}/{entityId}': what native/hub/channel_template.cc reads.

const PLACEHOLDER = /\{([^{}]*)\}/g;
const PATH = /^[^.]+(\.[^.]+)*$/;
const HEADER = /^header:(.|$)/;

const EXPECTED =
  "a template with fields in braces, like '{entityType}/{entityId}', '{header:tenant}/{data.id|key}', without * and control characters";

/** A field of the value by its path, `header:name`, `key` (which looks like a path). */
const isPlace = (text) => (HEADER.test(text) ? text !== 'header:' : PATH.test(text));

/** @param {unknown} text @returns {boolean} */
function isChannelTemplate(text) {
  // eslint-disable-next-line no-control-regex
  if (typeof text !== 'string' || /[*\u0000-\u001f\u007f]/.test(text)) return false;
  const names = [...text.matchAll(PLACEHOLDER)].map(([, name]) => name);
  if (names.length === 0 || /[{}]/.test(text.replace(PLACEHOLDER, ''))) return false;
  return names.every((name) => name.split('|').every(isPlace));
}

/** For checkOptions(). */
const channelTemplate = { what: EXPECTED, test: isChannelTemplate };

module.exports = { channelTemplate, isChannelTemplate };

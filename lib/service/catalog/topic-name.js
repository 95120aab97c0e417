'use strict';

// Names with placeholders, `employee.onboard.{org}`, and key rules over an event, `{metadata.employeeId|payload.employeeId}`.

const PLACEHOLDER = /\{([^{}]*)\}/g;
const PARAMETER = /^[A-Za-z][A-Za-z0-9_]*$/;
const FIELD_PATH = /^[A-Za-z_$][\w$-]*(\.[A-Za-z_$][\w$-]*)*$/;

/**
 * What may stand for a placeholder in a topic's name. No dot: `employee.onboard.{org}` must not match
 * `employee.onboard.acme.retry`.
 */
const PARAMETER_VALUE = /^[A-Za-z0-9_-]+$/;
const LEGAL_TOPIC = /^[A-Za-z0-9._-]{1,249}$/;

/** Kafka's own rule. */
const isTopicName = (name) => LEGAL_TOPIC.test(name) && name !== '.' && name !== '..';
const isParameterValue = (value) => typeof value === 'string' && PARAMETER_VALUE.test(value);

/** The names between braces, in order. */
const placeholders = (template) => [...template.matchAll(PLACEHOLDER)].map(([, name]) => name);

/** Whether every placeholder is a parameter's name and the rest may be part of a topic's name. */
function isTopicTemplate(template) {
  if (!placeholders(template).every((name) => PARAMETER.test(name))) return false;
  return isTopicName(template.replace(PLACEHOLDER, 'x'));
}

/** The template with every placeholder replaced by `valueOf(name)`. */
const fill = (template, valueOf) => template.replace(PLACEHOLDER, (_, name) => valueOf(name));

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Matches the names that a template makes, with a named group for each parameter. */
function patternOf(template) {
  const seen = new Set();
  let source = '';
  let at = 0;
  for (const match of template.matchAll(PLACEHOLDER)) {
    const [whole, name] = match;
    source += escape(template.slice(at, match.index));
    source += seen.has(name) ? `\\k<${name}>` : `(?<${name}>[A-Za-z0-9_-]+)`;
    seen.add(name);
    at = match.index + whole.length;
  }
  return new RegExp(`^${source}${escape(template.slice(at))}$`);
}

/** What comes before the first placeholder. */
const literalPrefix = (template) => template.split('{', 1)[0];

// ── Rules over an event ─────────────────────────────────────────────────────────────────────────────────────────────

/** `{a.b|c}`: alternatives are separated by a bar. */
function isRule(rule) {
  const found = placeholders(rule);
  if (found.length === 0 || rule.replace(PLACEHOLDER, '').search(/[{}]/) >= 0) return false;
  return found.every((alternatives) => alternatives.split('|').every((p) => FIELD_PATH.test(p)));
}

function fieldAt(event, path) {
  let value = event;
  for (const name of path.split('.')) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name)) return null;
    value = value[name];
  }
  const isText =
    typeof value === 'string' ? value !== '' : ['number', 'boolean'].includes(typeof value);
  return isText ? String(value) : null;
}

/** The text that a rule makes of an event; null when a placeholder finds nothing. */
function applyRule(rule, event) {
  let complete = true;
  const text = fill(rule, (alternatives) => {
    for (const path of alternatives.split('|')) {
      const value = fieldAt(event, path);
      if (value !== null) return value;
    }
    complete = false;
    return '';
  });
  return complete ? text : null;
}

module.exports = {
  placeholders,
  isTopicName,
  isTopicTemplate,
  isParameterValue,
  fill,
  patternOf,
  literalPrefix,
  isRule,
  applyRule,
};

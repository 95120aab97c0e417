// What came over the wire, made fit to be shown: bounded, and with nothing in it that could hide or reorder what is beside it.

/** C0 and C1 controls, line separators, and the marks that turn the direction of the text behind them. */
// eslint-disable-next-line no-control-regex
const TREACHEROUS = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

const codeOf = (character) =>
  `‹U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}›`;

function textOf(value) {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/**
 * @param {unknown} value of a payload
 * @param {number} limit characters that are kept
 * @returns {string} well-formed; says how long it was when it was cut
 */
export function shown(value, limit) {
  const whole = textOf(value);
  const kept = whole.slice(0, limit).replace(/[\ud800-\udbff]$/, '');
  const text = kept.replace(TREACHEROUS, codeOf);
  return whole.length > limit ? `${text}… (${number(whole.length)} characters)` : text;
}

const plain = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

/** @param {number} value NaN: unknown */
export function number(value) {
  return Number.isNaN(value) ? '–' : plain.format(value);
}

/** @param {number} ms NaN: unknown */
export function duration(ms) {
  if (Number.isNaN(ms)) return '–';
  if (ms < 1_000) return `${plain.format(ms)} ms`;
  return `${(ms < 10_000 ? tenths : plain).format(ms / 1_000)} s`;
}

const two = (value) => String(value).padStart(2, '0');

/** @param {number} ms since the epoch @returns {string} local time of day */
export function timeOfDay(ms) {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return '–';
  const tenth = Math.floor(date.getMilliseconds() / 100);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${tenth}`;
}

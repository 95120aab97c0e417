'use strict';

// Data goes to stdout, everything else to stderr.

const { once } = require('node:events');
const util = require('node:util');

const PROGRESS_INTERVAL_MS = 200;
const BAR_WIDTH = 24;
const CLEAR_LINE = '\r\x1b[K';

/** `[######------]  50 % of 200 messages`, or the count where nobody knows the whole. */
function progressText(done, total, unit) {
  if (total === undefined) return `${done} ${unit}`;
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const bar = '#'.repeat(Math.round(share * BAR_WIDTH)).padEnd(BAR_WIDTH, '-');
  return `[${bar}] ${String(Math.floor(share * 100)).padStart(3)} % of ${total} ${unit}`;
}

class Output {
  #progressAt = 0;
  #hasProgress = false;
  #hasData = false;
  #signal;

  constructor({ json, signal, stdout = process.stdout, stderr = process.stderr }) {
    this.isJson = json;
    this.#signal = signal;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /** Waits while the reader is slower; not for one that went away. */
  async write(text) {
    this.#hasData = true;
    if (this.stdout.destroyed || this.stdout.write(text)) return;
    await once(this.stdout, 'drain', { signal: this.#signal }).catch(() => {});
  }

  /** A document for programs, or what `show` makes of it for people. */
  async result(document, show) {
    this.#clearProgress();
    const text = this.isJson ? `${JSON.stringify(document, null, 2)}\n` : show(document);
    await this.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** A message to the user. */
  say(line) {
    this.#clearProgress();
    this.stderr.write(`${line}\n`);
  }

  /** How far a long work is. Only a terminal shows it, and not between the lines of data on it. */
  progress(done, { total, unit = 'messages' } = {}) {
    if (!this.stderr.isTTY || (this.#hasData && this.stdout.isTTY)) return;
    const now = Date.now();
    if (now - this.#progressAt < PROGRESS_INTERVAL_MS) return;
    this.#progressAt = now;
    this.#hasProgress = true;
    this.stderr.write(`${CLEAR_LINE}${progressText(done, total, unit)}`);
  }

  #clearProgress() {
    if (this.#hasProgress) this.stderr.write(CLEAR_LINE);
    this.#hasProgress = false;
  }

  /** A word in color where that is seen and wanted. */
  paint(style, text) {
    const wanted = this.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
    return wanted ? util.inspect.colors[style].map((n) => `\x1b[${n}m`).join(text) : text;
  }

  close() {
    this.#clearProgress();
  }
}

const shown = (value) => {
  if (value === null || value === undefined || value === '') return '-';
  return Array.isArray(value) ? value.map(shown).join(',') : String(value);
};
const isNumeric = (value) => /^-?\d+$/.test(value) || value === '-';

/**
 * Rows in columns; numbers to the right.
 *
 * @param {string[]} columns @param {unknown[][]} rows
 */
function table(columns, rows) {
  const cells = rows.map((row) => row.map(shown));
  const widths = columns.map((title, at) =>
    Math.max(title.length, ...cells.map((row) => row[at].length)),
  );
  const right = columns.map((_, at) => cells.length > 0 && cells.every((r) => isNumeric(r[at])));
  const line = (row) =>
    row
      .map((cell, at) => (right[at] ? cell.padStart(widths[at]) : cell.padEnd(widths[at])))
      .join('  ')
      .trimEnd();
  return [columns.map((title) => title.toUpperCase()), ...cells].map(line).join('\n') + '\n';
}

module.exports = { Output, progressText, table };

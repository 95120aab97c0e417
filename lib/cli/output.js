'use strict';

// Data goes to stdout, everything else to stderr.

const { once } = require('node:events');
const util = require('node:util');

const PROGRESS_INTERVAL_MS = 200;

class Output {
  #progressAt = 0;
  #hasProgress = false;
  #signal;

  constructor({ json, signal, stdout = process.stdout, stderr = process.stderr }) {
    this.isJson = json;
    this.#signal = signal;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /** Waits while the reader is slower; not for one that went away. */
  async write(text) {
    if (this.stdout.destroyed || this.stdout.write(text)) return;
    await once(this.stdout, 'drain', { signal: this.#signal }).catch(() => {});
  }

  /** A document for programs, or what `show` makes of it for people. */
  async result(document, show) {
    const text = this.isJson ? `${JSON.stringify(document, null, 2)}\n` : show(document);
    if (text !== '') await this.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** A message to the user. */
  say(line) {
    this.#clearProgress();
    this.stderr.write(`${line}\n`);
  }

  /** How far a long work is; only a terminal shows it. */
  progress(line) {
    const now = Date.now();
    if (!this.stderr.isTTY || now - this.#progressAt < PROGRESS_INTERVAL_MS) return;
    this.#progressAt = now;
    this.#hasProgress = true;
    this.stderr.write(`\r\x1b[K${line}`);
  }

  #clearProgress() {
    if (this.#hasProgress) this.stderr.write('\r\x1b[K');
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

module.exports = { Output, table };

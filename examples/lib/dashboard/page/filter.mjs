// The filter of the table: words to be found in a row, and a kind of status.

import { number } from './text.mjs';

const SETTLED_MS = 600;

export class Filter {
  #words = '';
  #kind = '';
  #isNew = false;
  #announce;
  #timer;

  /** @param {{ onChange: () => void, announce: (text: string) => void }} options */
  constructor({ onChange, announce }) {
    this.#announce = announce;
    const field = document.getElementById('filter');
    const read = () => {
      const kind = document.querySelector('input[name="kind"]:checked');
      this.#words = field.value.trim().toLowerCase();
      this.#kind = kind.value;
      this.#isNew = true;
      onChange();
    };
    field.addEventListener('input', read);
    for (const choice of document.querySelectorAll('input[name="kind"]')) {
      choice.addEventListener('change', read);
    }
    // A browser keeps what was typed when the page is loaded again.
    if (field.value !== '') queueMicrotask(read);
  }

  /** Whether a row is shown. */
  matches = ({ kind, name, status, message }) =>
    (this.#kind === '' || kind === this.#kind) &&
    (this.#words === '' ||
      [name, status, message].some((text) => text.toLowerCase().includes(this.#words)));

  /** So many match: said once after a change of the filter, not with each update. */
  found(count) {
    if (!this.#isNew) return;
    this.#isNew = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#announce(`${number(count)} found`), SETTLED_MS);
  }
}

// The rows of the table: one for each entity that is shown, kept as long as it is shown.

import { duration, timeOfDay } from './text.mjs';

const COLUMNS = ['entity', 'status', 'message', 'time', 'latency', 'at'];

function makeRow() {
  const row = { element: document.createElement('tr'), cells: {}, entity: null, version: -1 };
  row.element.setAttribute('role', 'row');
  for (const name of COLUMNS) {
    const cell = document.createElement(name === 'entity' ? 'th' : 'td');
    if (name === 'entity') cell.scope = 'row';
    // Where a row is laid out as a grid, browsers take it for no row unless it says so.
    cell.setAttribute('role', name === 'entity' ? 'rowheader' : 'cell');
    cell.className = name;
    // Text of one cell may run from right to left; it must not turn its neighbours.
    const text = document.createElement('bdi');
    cell.append(text);
    row.cells[name] = text;
    row.element.append(cell);
  }
  return row;
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function fill(row) {
  const { entity, cells } = row;
  if (row.version === entity.version) return;
  row.version = entity.version;
  row.element.dataset.kind = entity.kind;
  write(cells.entity, entity.name);
  write(cells.status, entity.status || '–');
  write(cells.message, entity.message);
  write(cells.time, timeOfDay(entity.time));
  write(cells.latency, duration(entity.latency));
  write(cells.at, entity.at);
}

export class Table {
  #body;
  #rows = new Map();
  #spare = [];

  /** @param {Element} body */
  constructor(body) {
    this.#body = body;
  }

  /** Shows these entities in this order; a row stays with its entity. */
  show(entities) {
    const before = this.#rows;
    this.#rows = new Map();
    for (const entity of entities) {
      const row = before.get(entity.channel);
      if (row !== undefined) before.delete(entity.channel);
      this.#rows.set(entity.channel, row);
    }
    this.#spare.push(...before.values());
    let next = this.#body.firstElementChild;
    for (const entity of entities) {
      const row = this.#rows.get(entity.channel) ?? this.#spare.pop() ?? makeRow();
      this.#rows.set(entity.channel, row);
      if (row.entity !== entity) Object.assign(row, { entity, version: -1 });
      fill(row);
      if (row.element === next) next = next.nextElementSibling;
      else this.#body.insertBefore(row.element, next);
    }
    for (const row of this.#spare) row.element.remove();
  }

  /** Writes what has changed in the rows that are there. @returns {boolean} false: one of them is gone */
  refresh() {
    for (const row of this.#rows.values()) {
      if (row.entity.isGone) return false;
      fill(row);
    }
    return true;
  }
}

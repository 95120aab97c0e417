// A line chart of the last seconds: SVG for the lines, HTML for the words around it.

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 600;
const HEIGHT = 120;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** The next of 1, 2, 5, 10, 20 … */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((step) => step * power >= value) * power;
}

/** `d` of a path; a NaN is a gap. */
function line(values, top) {
  let path = '';
  let isDown = false;
  values.forEach((value, at) => {
    if (Number.isNaN(value)) {
      isDown = false;
      return;
    }
    const x = ((at / (values.length - 1)) * WIDTH).toFixed(1);
    const y = (HEIGHT - (value / top) * HEIGHT).toFixed(1);
    // The h0 makes a dot of a value that stands alone.
    path += isDown ? `L${x} ${y}` : `M${x} ${y}h0`;
    isDown = true;
  });
  return path;
}

/** `d` of the area below a line that goes on to the end once it has begun. */
function area(values, top) {
  const first = values.findIndex((value) => !Number.isNaN(value));
  if (first < 0) return '';
  const left = ((first / (values.length - 1)) * WIDTH).toFixed(1);
  return `${line(values, top)}L${WIDTH} ${HEIGHT}L${left} ${HEIGHT}Z`;
}

export class Chart {
  #series;
  #format;
  #lowest;
  #svg;
  #area;
  #label;
  #title;

  /**
   * @param {Element} figure
   * @param {{ title: string, lowest: number, format: (value: number) => string,
   *   series: { name: string, of: (point: object) => number }[] }} options lowest: the smallest end of the scale. With one
   *   series the area below it is filled.
   */
  constructor(figure, { title, lowest, format, series }) {
    this.#title = title;
    this.#format = format;
    this.#lowest = lowest;
    this.#svg = shape('svg', {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': title,
    });
    for (const share of [0, 0.5, 1]) {
      const y = share * HEIGHT;
      this.#svg.append(shape('line', { class: 'grid', x1: 0, x2: WIDTH, y1: y, y2: y }));
    }
    if (series.length === 1) {
      this.#area = shape('path', { class: 'area' });
      this.#svg.append(this.#area);
    }
    const legend = element('ul', { class: 'legend' });
    this.#series = series.map(({ name, of }, at) => {
      const path = shape('path', { class: `line line-${at}` });
      const value = element('span', { class: 'value' }, '–');
      const swatch = element('span', { class: `swatch swatch-${at}`, 'aria-hidden': 'true' });
      legend.append(element('li', {}, swatch, name, ' ', value));
      return { name, of, path, value };
    });
    this.#svg.append(...this.#series.map(({ path }) => path));
    this.#label = [element('span'), element('span'), element('span', {}, '0')];
    figure.replaceChildren(
      element('figcaption', {}, element('h2', {}, title), legend),
      element(
        'div',
        { class: 'plot' },
        element('div', { class: 'scale', 'aria-hidden': 'true' }, ...this.#label),
        this.#svg,
      ),
      element(
        'div',
        { class: 'axis', 'aria-hidden': 'true' },
        '60 s ago',
        element('span', {}, 'now'),
      ),
    );
  }

  /** @param {object[]} points the oldest first */
  draw(points) {
    const all = this.#series.map(({ of }) => points.map(of));
    const highest = Math.max(this.#lowest, ...all.flat().filter((value) => value > 0));
    const top = roundUp(highest);
    this.#label[0].textContent = this.#format(top);
    this.#label[1].textContent = this.#format(top / 2);
    const words = this.#series.map(({ name, path, value }, at) => {
      path.setAttribute('d', line(all[at], top));
      value.textContent = this.#format(all[at].at(-1));
      return `${name} ${value.textContent}`;
    });
    this.#area?.setAttribute('d', area(all[0], top));
    this.#svg.setAttribute('aria-label', `${this.#title}, now: ${words.join(', ')}`);
  }
}

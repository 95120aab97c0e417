const listeners = Symbol('listeners');

/** Named events. */
export class Emitter {
  [listeners] = {};

  /** Calls `listener` at each event `name`. Returns a function that ends it. */
  on(name, listener) {
    const all = (this[listeners][name] ??= new Set());
    all.add(listener);
    return () => all.delete(listener);
  }
}

/** What a listener throws is the page's own error: it is reported as one, and nobody else misses the event. */
export function emit(emitter, name, value) {
  for (const listener of emitter[listeners][name] ?? []) {
    try {
      listener(value);
    } catch (error) {
      setTimeout(() => {
        throw error;
      });
    }
  }
}

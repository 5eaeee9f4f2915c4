// Counts how the worker works on a HIT: what the consent text states as logged, and nothing else.
// The trace is sent in parts, each with what was added since the last one. A part has a name, by
// which the server adds it once: one that got no response is sent again as it was.

export const TICK_MS = 250;
const IDLE_MS = 30_000; // without input for this long, the worker is idle
const MAX_TICK_MS = 1000; // a longer gap means that the computer slept

/**
 * @typedef {object} Part
 * @property {string} part its name
 * @property {number} active_seconds
 * @property {number} paste_count
 * @property {number} focus_lost_count
 * @property {Record<string, number>} seen_ms by slot: how long the picture was in view
 * @property {number[]} mark_order slots, as they were marked
 * @property {string[]} views
 */

/** Times are in milliseconds of any clock that only goes forward. */
export class TimeTrace {
  #current = emptyCounts();
  #count = 0; // parts so far
  /** @type {Part | null} */
  #unsent = null; // the part that may not have arrived; until it has, the next one grows
  #isAway = false;
  /** @type {string} */
  #page;
  /** @type {number} */
  #lastTick;
  /** @type {number} */
  #lastInput;

  /**
   * @param {string} page a name that no other page has
   * @param {number} now
   */
  constructor(page, now) {
    [this.#page, this.#lastTick, this.#lastInput] = [page, now, now];
  }

  /**
   * Adds the time since the last tick, unless the page is hidden or the worker idle.
   * @param {number} now
   * @param {{isHidden: boolean, view: () => string, inView: Iterable<string>}} page `inView`: slots
   */
  tick(now, { isHidden, view, inView }) {
    const passed = Math.min(now - this.#lastTick, MAX_TICK_MS);
    this.#lastTick = now;
    if (isHidden || now - this.#lastInput > IDLE_MS) return;
    this.#current.ms += passed;
    this.#current.views.add(view());
    const { seen } = this.#current;
    for (const slot of inView) seen.set(slot, (seen.get(slot) ?? 0) + passed);
  }

  /** @param {number} now */
  input(now) { this.#lastInput = now; }

  /** The page loses the focus or is hidden; both at once count once. */
  leave() {
    if (!this.#isAway) this.#current.lost += 1;
    this.#isAway = true;
  }

  comeBack() { this.#isAway = false; }

  paste() { this.#current.pastes += 1; }

  /** @param {number} slot */
  mark(slot) { this.#current.order.push(slot); }

  /** @returns {Part | null} the part to send now; null if nothing is worth sending */
  take() {
    const part = this.#unsent ?? this.#takeCurrent();
    this.#unsent = null;
    return part;
  }

  /** @returns {Part[]} all that is to be sent with the answer */
  takeAll() {
    return [this.take(), this.#takeCurrent()].filter((part) => part !== null);
  }

  /**
   * Keeps a part that may not have arrived, to be sent again as it is.
   * @param {Part | null} part
   */
  putBack(part) { this.#unsent ??= part; }

  /** @returns {Part | null} */
  #takeCurrent() {
    const { ms, pastes, lost, seen, order, views } = this.#current;
    this.#current = emptyCounts();
    if (!lost && !pastes && !order.length && ms < TICK_MS) return null;
    this.#count += 1;
    return {
      part: `${this.#page}.${this.#count}`,
      active_seconds: ms / 1000,
      paste_count: pastes,
      focus_lost_count: lost,
      seen_ms: Object.fromEntries([...seen].map(([slot, time]) => [slot, Math.round(time)])),
      mark_order: order,
      views: [...views].sort(),
    };
  }
}

function emptyCounts() {
  return {
    ms: 0,
    pastes: 0,
    lost: 0,
    /** @type {Map<string, number>} */
    seen: new Map(),
    /** @type {number[]} */
    order: [],
    /** @type {Set<string>} */
    views: new Set(),
  };
}

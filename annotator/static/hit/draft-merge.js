// Merges two versions of one answer: what this page has, and what another tab saved meanwhile.

/**
 * The form of a HIT page as data.
 * @typedef {object} Answer
 * @property {string} concept
 * @property {number | null} group
 * @property {number | null} second_group
 * @property {string} remark
 * @property {string} says whether the pictures share one thing, two, or nothing
 * @property {string} view the view in use
 * @property {string[]} views all views used so far
 * @property {number[]} marked slots of the marked pictures, in order
 */

/** @typedef {"concept" | "group" | "second_group" | "says" | "remark"} Field */

/** @type {Field[]} */
export const FIELDS = ["concept", "group", "second_group", "says", "remark"];

/**
 * Whether two values, or two answers, are the same. A database may return the keys of an answer in
 * another order.
 * @param {any} a
 * @param {any} b
 * @returns {boolean}
 */
export function isSame(a, b) {
  return asText(a) === asText(b);
}

/**
 * @param {any} data
 * @returns {string | undefined}
 */
function asText(data) {
  return JSON.stringify(data, data?.concept === undefined ? null : Object.keys(data).sort());
}

/**
 * @template T
 * @param {...T[]} lists
 * @returns {T[]} each value once
 */
function union(...lists) {
  return [...new Set(lists.flat())];
}

/**
 * Merges two sets of changes to one base. A field that only one side changed takes that side's
 * value; a field that both changed keeps mine and is listed as a conflict. Marks cannot conflict:
 * each is either set or not.
 * @param {Answer} base
 * @param {Answer} mine
 * @param {Answer} theirs
 * @returns {{merged: Answer, conflicts: Field[]}}
 */
export function merge(base, mine, theirs) {
  /** @type {<F extends Field>(field: F) => Answer[F]} */
  const pick = (field) => (isSame(mine[field], base[field]) ? theirs[field] : mine[field]);
  /** @type {(slot: number) => boolean} */
  const isMarked = (slot) => {
    const [before, here, there] = [base, mine, theirs].map((each) => each.marked.includes(slot));
    return here === before ? there : here;
  };
  return {
    merged: {
      concept: pick("concept"),
      group: pick("group"),
      second_group: pick("second_group"),
      remark: pick("remark"),
      says: pick("says"),
      view: mine.view,
      views: union(mine.views, theirs.views).sort(),
      marked: union(base.marked, mine.marked, theirs.marked).filter(isMarked).sort((a, b) => a - b),
    },
    conflicts: FIELDS.filter((field) => (
      !isSame(mine[field], base[field])
      && !isSame(theirs[field], base[field])
      && !isSame(mine[field], theirs[field])
    )),
  };
}

/**
 * Whether a merge changed what the worker has entered; views do not count.
 * @param {Answer} mine
 * @param {Answer} merged
 * @returns {boolean}
 */
export function hasChanged(mine, merged) {
  return !isSame(mine.marked, merged.marked)
    || FIELDS.some((field) => !isSame(mine[field], merged[field]));
}

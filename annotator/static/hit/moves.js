// Where a step leads: from picture to picture, from view to view, from one size to the next.

const ROWS_PER_PAGE = 3;
export const MAX_SIZE = 3;

/**
 * The picture that a key moves to in the grid.
 * @param {string} key
 * @param {number} at number of the picture that has the focus, from 0
 * @param {number} columns
 * @param {number} count of pictures
 * @returns {number | null} null if the key does not move
 */
export function gridMove(key, at, columns, count) {
  const page = ROWS_PER_PAGE * columns;
  const isFirstRow = at < columns;
  const last = count - 1;
  switch (key) {
    case "ArrowLeft": return Math.max(at - 1, 0);
    case "ArrowRight": return Math.min(at + 1, last);
    case "ArrowUp": return isFirstRow ? at : at - columns;
    case "ArrowDown": return at + columns > last ? at : at + columns;
    case "Home": return 0;
    case "End": return last;
    case "PageUp": return isFirstRow ? at : Math.max(at % columns, at - page);
    case "PageDown": return Math.min(at + page, last);
    default: return null;
  }
}

/**
 * The first picture from a number on that is not hidden, around the end.
 * @param {number} number may be outside of the list by less than its length
 * @param {1 | -1} step the direction
 * @param {boolean[]} hidden for each picture
 * @returns {number | null} null if all are hidden
 */
export function nextShown(number, step, hidden) {
  const count = hidden.length;
  for (let tries = 0; tries < count; tries += 1) {
    const at = (((number + tries * step) % count) + count) % count;
    if (!hidden[at]) return at;
  }
  return null;
}

/**
 * The value after another in a list, around the end; the first after one that is not in it.
 * @template T
 * @param {T[]} list
 * @param {T} current
 * @returns {T | undefined} undefined for an empty list
 */
export function following(list, current) {
  return list[(list.indexOf(current) + 1) % list.length];
}

/**
 * A size of the pictures, 1 to MAX_SIZE; 1 for what is no number.
 * @param {number} size
 * @returns {number}
 */
export function withinSizes(size) {
  return Math.min(MAX_SIZE, Math.max(1, size || 1));
}

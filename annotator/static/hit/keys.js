// What the keys do, as names of actions. The moves from picture to picture are in moves.js.

/**
 * @typedef {Pick<KeyboardEvent,
 *   "key" | "code" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">} Key
 */
/**
 * An action and its value.
 * @typedef {["mark" | "mark all" | "zoom" | "hide" | "view" | "name" | "help" | "keys", ""]
 *   | ["group" | "second group" | "size", string]} GridAction
 */
/** @typedef {"undo" | "redo" | "submit" | "pictures"} FormAction */
/**
 * @typedef {["mark" | "hide" | "view" | "full" | "close", 0] | ["step", 1 | -1]} ZoomAction
 */

/** @type {Record<string, GridAction>} */
const GRID = {
  x: ["mark", ""],
  a: ["mark all", ""],
  z: ["zoom", ""],
  h: ["hide", ""],
  v: ["view", ""],
  n: ["name", ""],
  i: ["help", ""],
  "+": ["size", "1"],
  "-": ["size", "-1"],
  "?": ["keys", ""],
  1: ["group", "1"],
  2: ["group", "2"],
  3: ["group", "3"],
  4: ["group", "4"],
  5: ["group", "5"],
  6: ["group", "6"],
};

/** @type {Record<string, ZoomAction>} */
const ZOOM = {
  ArrowLeft: ["step", -1],
  ArrowRight: ["step", 1],
  x: ["mark", 0],
  h: ["hide", 0],
  v: ["view", 0],
  f: ["full", 0],
  z: ["close", 0],
};

/**
 * What a key does while a picture of the grid has the focus.
 * @param {Key} event
 * @param {boolean} hasSingleKeys whether the worker uses single-letter shortcuts
 * @param {boolean} hasSecondGroup whether the form has a second group
 * @returns {GridAction | null}
 */
export function gridAction(event, hasSingleKeys, hasSecondGroup) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (event.key === "Enter") return ["mark", ""];
  if (!hasSingleKeys) return null;
  // Shift with a digit types another character on every keyboard layout, so the key code counts.
  const second = event.shiftKey && hasSecondGroup && event.code.match(/^Digit([1-6])$/);
  return second ? ["second group", second[1]] : valueOf(GRID, event.key.toLowerCase());
}

/**
 * What a key does anywhere in the form. Text fields undo their own typing.
 * @param {Key} event
 * @param {boolean} isName whether the name has the focus
 * @param {boolean} isText whether any text field has it
 * @returns {FormAction | null}
 */
export function formAction(event, isName, isText) {
  const key = event.key.toLowerCase();
  if (!event.ctrlKey && !event.metaKey) return key === "enter" && isName ? "pictures" : null;
  if (key === "enter") return "submit";
  if (isText || (key !== "z" && key !== "y")) return null;
  return key === "y" || event.shiftKey ? "redo" : "undo";
}

/**
 * What a key does while a picture is enlarged.
 * @param {Key} event
 * @param {boolean} hasSingleKeys
 * @returns {ZoomAction | null}
 */
export function zoomAction(event, hasSingleKeys) {
  if (event.ctrlKey || event.metaKey) return null;
  return event.key.length > 1 || hasSingleKeys ? valueOf(ZOOM, event.key) : null;
}

/**
 * @template T
 * @param {Record<string, T>} table
 * @param {string} key
 * @returns {T | null}
 */
function valueOf(table, key) {
  return Object.hasOwn(table, key) ? table[key] : null;
}

// What the scripts of the HIT page share: its elements, and what this browser remembers.

export const form = /** @type {HTMLFormElement} */ (document.getElementById("hit"));
export const grid = /** @type {HTMLElement} */ (document.getElementById("pictures"));
export const tiles = /** @type {HTMLElement[]} */ ([...grid.querySelectorAll(".tile")]);
export const boxes = tiles.map(boxOf);
/** The field of the name; null on a HIT that verifies a concept, which has no group either. */
export const concept = /** @type {HTMLInputElement | null} */ (document.getElementById("concept"));

/** Nothing is sent from a preview. */
export const isPreview = !form.dataset.draftUrl;
/** A submitted answer that is being changed has no draft, and its pictures stay as they were. */
export const isChange = "change" in form.dataset;

/**
 * The first element that a selector finds.
 * @param {string} selector
 * @param {ParentNode} [parent] the form, unless another is named
 * @returns {HTMLElement}
 */
export function find(selector, parent = form) {
  const element = /** @type {HTMLElement | null} */ (parent.querySelector(selector));
  if (!element) throw new Error(`The page has no ${selector}.`);
  return element;
}

/**
 * @param {string} selector
 * @param {ParentNode} [parent]
 * @returns {HTMLButtonElement}
 */
export function findButton(selector, parent) {
  return /** @type {HTMLButtonElement} */ (find(selector, parent));
}

/**
 * @param {string} id
 * @returns {HTMLDialogElement}
 */
export function findDialog(id) {
  return /** @type {HTMLDialogElement} */ (find(`dialog#${id}`, document));
}

/**
 * The check box that marks a picture.
 * @param {Element} tile
 * @returns {HTMLInputElement}
 */
export function boxOf(tile) {
  return /** @type {HTMLInputElement} */ (find("input[name=marked]", tile));
}

/**
 * The picture that an element belongs to; null outside of pictures.
 * @param {EventTarget | null} element
 * @returns {HTMLElement | null}
 */
export function tileOf(element) {
  return element instanceof Element ? element.closest(".tile") : null;
}

/**
 * Whether the worker has hidden the picture that an element belongs to.
 * @param {Element} element
 * @returns {boolean}
 */
export function isHidden(element) {
  return Boolean(tileOf(element)?.classList.contains("is-hidden"));
}

/**
 * The radio buttons of a name.
 * @param {string} name
 * @returns {HTMLInputElement[]}
 */
export function radios(name) {
  return [...form.querySelectorAll(`input[name="${name}"]`)].map((each) => (
    /** @type {HTMLInputElement} */ (each)
  ));
}

/**
 * The value that is chosen among radio buttons.
 * @param {string} name
 * @returns {string | undefined}
 */
export function chosen(name) {
  return radios(name).find((radio) => radio.checked)?.value;
}

/**
 * Checks or unchecks a box or radio button as a click does, so that the other scripts know.
 * @param {HTMLInputElement} input
 * @param {boolean} checked
 */
export function change(input, checked) {
  input.checked = checked;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/**
 * Sends data to the server.
 * @param {string | undefined} url
 * @param {RequestInit} [options]
 * @returns {Promise<Response>} rejected without a connection
 */
export function send(url, options = {}) {
  const token = /** @type {HTMLInputElement} */ (form.elements.namedItem("csrfmiddlewaretoken"));
  return fetch(url ?? "", {
    credentials: "same-origin",
    headers: { "X-CSRFToken": token.value },
    ...options,
  });
}

/**
 * What this browser remembers under a key; null if nothing, or if it refuses to tell.
 * @param {string} key
 * @returns {string | null}
 */
export function remembered(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

/**
 * Remembers a value in this browser, unless it is full or refuses to.
 * @param {string} key
 * @param {string} value
 */
export function remember(key, value) {
  try { localStorage.setItem(key, value); } catch { /* the page works without */ }
}

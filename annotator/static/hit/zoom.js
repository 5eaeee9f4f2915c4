// Enlarges a picture of the HIT page around its region, or in full. The large file is loaded on
// demand. The brightness around regions is remembered in this browser.
import { zoomAction } from "./keys.js";
import { following, nextShown } from "./moves.js";
import {
  boxOf, change, find, findButton, findDialog, form, grid, isHidden, radios, remember, remembered,
  tileOf, tiles,
} from "./page.js";

const STORAGE_KEY = "unitscope:brightness";
const dialog = findDialog("zoom");
const picture = find("[data-picture]", dialog);
const title = find("#zoom-title", dialog);
const markButton = findButton("[data-mark]", dialog);
const hideButton = findButton("[data-hide-zoomed]", dialog);
const fullButton = dialog.querySelector("[data-full]"); // null where pictures are not cropped
const brightness = /** @type {HTMLInputElement | null} */ (
  dialog.querySelector("[data-brightness]")
);
const isCut = grid.classList.contains("view-crop");
let at = 0; // the number of the picture that is enlarged
let isFull = !fullButton; // whether all of the picture is shown, or the crop around its region

export function startZoom() {
  grid.addEventListener("click", onLoupe);
  markButton.addEventListener("click", toggleMark);
  hideButton.addEventListener("click", hide);
  fullButton?.addEventListener("click", toggleFull);
  findButton("[data-close]", dialog).addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => boxOf(tiles[at]).focus());
  dialog.addEventListener("click", onClick);
  dialog.addEventListener("keydown", onKey);
  startBrightness();
}

/** @param {MouseEvent} event */
function onLoupe(event) {
  const loupe = event.target instanceof Element && event.target.closest("[data-zoom]");
  if (!loupe || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const tile = tileOf(loupe);
  if (!tile || isHidden(tile)) return;
  isFull = !fullButton;
  show(tiles.indexOf(tile));
  dialog.showModal();
  markButton.focus();
}

/**
 * Shows a picture, or the next one that is not hidden; closes the dialog if all are hidden.
 * @param {number} number
 * @param {1 | -1} [step] the direction in which hidden pictures are skipped
 */
function show(number, step = 1) {
  const shown = nextShown(number, step, tiles.map(isHidden));
  if (shown === null) {
    dialog.close();
    return;
  }
  at = shown;
  const tile = tiles[at];
  picture.className = find(".picture", tile).className;
  // The tile stands in for the large picture until that has loaded, if both show the same.
  if (isCut) imagesOf(picture).forEach((image) => image.removeAttribute("src"));
  else fill(imagesOf(tile)[0].src);
  const large = new Image();
  large.onload = () => { if (tile === tiles[at]) fill(large.src); };
  large.src = /** @type {HTMLAnchorElement} */ (find("[data-zoom]", tile)).href;
  const text = title.dataset.title ?? "";
  title.textContent = text.replace("NUMBER", String(at + 1)).replace("COUNT", String(tiles.length));
  refresh();
}

/** @param {HTMLElement} parent */
function imagesOf(parent) {
  return [...parent.querySelectorAll("img")];
}

/** @param {string} url */
function fill(url) {
  imagesOf(picture).forEach((image) => { image.src = url; });
}

function refresh() {
  picture.classList.toggle("is-full", isFull);
  fullButton?.setAttribute("aria-pressed", String(isFull));
  markButton.setAttribute("aria-pressed", String(boxOf(tiles[at]).checked));
  const view = radios("view").find((input) => input.checked)?.value;
  dialog.querySelectorAll("button").forEach((button) => {
    if (button.dataset.view) button.setAttribute("aria-pressed", String(button.dataset.view === view));
  });
}

/** @param {string | undefined} view */
function choose(view) {
  const input = radios("view").find((each) => each.value === view);
  if (!input) return;
  change(input, true);
  refresh();
}

function nextView() {
  const views = radios("view");
  choose(following(views.map((view) => view.value), views.find((view) => view.checked)?.value));
}

function toggleMark() {
  const box = boxOf(tiles[at]);
  change(box, !box.checked);
  refresh();
}

function toggleFull() {
  isFull = !fullButton || !isFull;
  refresh();
}

function hide() {
  find(".hide", tiles[at]).click();
  show(at + 1);
  hideButton.focus();
}

/** @param {MouseEvent} event */
function onClick({ target }) {
  if (target === dialog) dialog.close(); // a click on the backdrop
  if (!(target instanceof HTMLElement)) return;
  const { step, view } = target.dataset;
  if (step) move(step === "-1" ? -1 : 1);
  if (view) choose(view);
}

/** @param {1 | -1} step */
function move(step) {
  show(at + step, step);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.target === brightness && event.key.startsWith("Arrow")) return;
  const singleKeys = /** @type {HTMLInputElement} */ (find("[data-single-keys]", document));
  const action = zoomAction(event, singleKeys.checked);
  if (!action) return;
  event.preventDefault();
  const [name, step] = action;
  if (name === "step") move(step);
  else ({ mark: toggleMark, hide, view: nextView, full: toggleFull, close: () => dialog.close() })[name]();
}

function startBrightness() {
  if (!brightness) return;
  const range = brightness;
  /** @type {(percent: number) => void} */
  const set = (percent) => {
    form.style.setProperty("--brightness", String(percent / 100));
    range.value = String(percent);
  };
  const stored = Number(remembered(STORAGE_KEY));
  if (stored) set(stored);
  range.addEventListener("input", () => {
    set(Number(range.value));
    remember(STORAGE_KEY, range.value);
  });
}

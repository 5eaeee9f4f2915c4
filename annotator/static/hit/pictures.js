// Retries pictures that did not load, hides and reports pictures, and holds a submit until every
// picture has loaded or is hidden and the server has all reports.
import { currentNotice, showNotice } from "./form.js";
import { boxOf, find, form, grid, isChange, isHidden, send, tileOf, tiles } from "./page.js";

const RETRY_DELAYS_MS = [500, 2000]; // automatic retries; then the worker gets a button
const RESEND_DELAY_MS = 2000;
/** @type {Map<HTMLElement, number>} */
const tries = new Map(); // automatic retries so far; WAITING while one is scheduled
const WAITING = -1;
/** @type {HTMLElement | null} */
let submitter = null; // of a submit that is held
let pendingReports = 0; // pictures hidden or shown again that the server does not know of yet
let reportQueue = Promise.resolve(); // sends reports in the order of the clicks
/** @type {"loading" | "loaded" | "failed"} */
let sheet = "loaded"; // without the sheet of masks no picture shows its region

export function startPictures() {
  grid.addEventListener("load", submitIfReady, true);
  grid.addEventListener("error", ({ target }) => {
    const tile = tileOf(target);
    if (tile) fail(tile);
  }, true);
  loadSheet();
  startHiding();
  find("[data-reload]").addEventListener("click", () => location.reload());
  find("[data-hide-failed]").addEventListener("click", () => { if (!isChange) failed().forEach(hide); });
  find("[data-retry-all]").addEventListener("click", () => {
    showNotice(null);
    failed().forEach(load);
  });
  // Captures the event before draft.js sees it.
  form.addEventListener("submit", holdSubmit, true);
  tiles.filter((tile) => images(tile).some((image) => image.complete && !image.naturalWidth))
    .forEach(fail);
}

// Loading

/** @param {HTMLElement} tile */
function images(tile) {
  return [...tile.querySelectorAll("img")].filter((image) => image.closest(".picture"));
}

/** @param {HTMLElement} tile */
function isLoaded(tile) {
  return images(tile).every((image) => image.complete && image.naturalWidth > 0);
}

function failed() {
  return tiles.filter((tile) => tile.classList.contains("is-failed") && !isHidden(tile));
}

function missing() {
  return tiles.filter((tile) => !isHidden(tile) && !isLoaded(tile));
}

/** @param {HTMLElement} tile */
function load(tile) {
  tile.classList.remove("is-failed");
  tile.querySelector("[data-retry-one]")?.remove();
  images(tile).forEach((image) => {
    if (!image.naturalWidth) image.src = String(image.src); // requests it again
  });
}

/** @param {HTMLElement} tile */
function fail(tile) {
  const count = tries.get(tile) ?? 0;
  if (count === WAITING) return;
  if (count < RETRY_DELAYS_MS.length) {
    tries.set(tile, WAITING);
    setTimeout(() => { tries.set(tile, count + 1); load(tile); }, RETRY_DELAYS_MS[count]);
    return;
  }
  if (tile.classList.contains("is-failed")) return;
  tile.classList.add("is-failed");
  const button = document.createElement("button");
  const textContent = grid.dataset.retry ?? "";
  Object.assign(button, { type: "button", className: "retry", textContent });
  button.dataset.retryOne = "";
  button.addEventListener("click", () => load(tile));
  tile.append(button);
  if (!currentNotice()) showNotice("failed");
}

function loadSheet() {
  const link = /** @type {HTMLLinkElement | null} */ (
    document.querySelector('link[rel="preload"][as="image"]')
  );
  if (!link) return;
  sheet = "loading";
  const image = new Image();
  image.crossOrigin = "anonymous";
  image.onload = () => { sheet = "loaded"; submitIfReady(); };
  image.onerror = () => { sheet = "failed"; showNotice("sheet"); };
  image.src = link.href;
}

// Submitting

/** @param {SubmitEvent} event */
function holdSubmit(event) {
  if (!missing().length && sheet === "loaded" && !pendingReports) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  submitter = event.submitter;
  if (sheet === "failed") showNotice("sheet");
  else if (missing().length || sheet === "loading") showNotice(failed().length ? "failed" : "waiting");
}

function submitIfReady() {
  if (currentNotice() === "failed" && !failed().length) showNotice(null);
  if (!submitter || missing().length || sheet === "loading" || pendingReports) return;
  showNotice(null);
  const button = submitter;
  submitter = null;
  form.requestSubmit(button);
}

// Hiding

function startHiding() {
  tiles.forEach((tile) => {
    const button = find(".hide", tile);
    button.tabIndex = -1; // the grid is one tab stop; the shortcut h does the same
    button.addEventListener("click", (event) => {
      event.preventDefault();
      toggle(tile);
      boxOf(tile).focus();
    });
    update(tile);
  });
  // A hidden picture cannot be marked.
  grid.addEventListener("click", (event) => {
    const { target } = event;
    if (target instanceof HTMLInputElement && isHidden(target)) event.preventDefault();
  });
}

/**
 * In an answer that is being changed the same pictures are judged as at first.
 * @param {HTMLElement} tile
 */
function toggle(tile) {
  if (isChange) return;
  if (isHidden(tile)) show(tile);
  else hide(tile);
}

/** @param {HTMLElement} tile */
function hide(tile) {
  const why = isLoaded(tile) ? "hidden" : "not loaded";
  const box = boxOf(tile);
  tile.classList.add("is-hidden");
  update(tile);
  box.checked = false;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  report(tile, { why });
  submitIfReady();
}

/** @param {HTMLElement} tile */
function show(tile) {
  tile.classList.remove("is-hidden");
  update(tile);
  report(tile, { show: "" });
  form.dispatchEvent(new CustomEvent("restored"));
}

/** @param {HTMLElement} tile */
function update(tile) {
  const button = /** @type {HTMLButtonElement} */ (find(".hide", tile));
  const text = isHidden(tile) ? grid.dataset.show : grid.dataset.hide;
  button.name = isHidden(tile) ? "show" : "hide";
  const label = /** @type {Element} */ (button.firstElementChild);
  label.textContent = (text ?? "").replace("NUMBER", String(tiles.indexOf(tile) + 1));
  if (isHidden(tile)) boxOf(tile).setAttribute("aria-disabled", "true");
  else boxOf(tile).removeAttribute("aria-disabled");
}

/**
 * Tells the server. A preview sends no reports.
 * @param {HTMLElement} tile
 * @param {{why: string} | {show: ""}} fields
 */
function report(tile, fields) {
  const { hideUrl } = form.dataset;
  if (!hideUrl) return;
  const body = new FormData();
  body.append("slot", boxOf(tile).value);
  Object.entries(fields).forEach(([key, value]) => body.append(key, value));
  pendingReports += 1;
  const request = () => send(hideUrl, { method: "POST", body, keepalive: true });
  reportQueue = reportQueue.then(() => sendUntilReceived(request));
}

/** @param {() => Promise<Response>} request */
async function sendUntilReceived(request) {
  while (!await isReceived(request)) {
    showNotice(submitter ? "sending" : "offline");
    await new Promise((done) => { setTimeout(done, RESEND_DELAY_MS); });
  }
  pendingReports -= 1;
  if (["offline", "sending"].includes(currentNotice())) showNotice(null);
  submitIfReady();
}

/** @param {() => Promise<Response>} request */
async function isReceived(request) {
  try { return (await request()).status < 500; } catch { return false; }
}

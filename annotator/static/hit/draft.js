// Saves the form of a HIT page as a draft, on the server and in this browser, while it is filled in.
// Each save names the revision it is based on. If another tab has saved a newer one, both are merged
// and saved again.
import { hasChanged, isSame, merge } from "./draft-merge.js";
import { currentNotice, read, showNotice, write } from "./form.js";
import { find, form, remember, remembered, send } from "./page.js";

/** @typedef {import("./draft-merge.js").Answer} Answer */
/** @typedef {import("./time-trace.js").TimeTrace} TimeTrace */
/** @typedef {{revision: number, content?: Answer}} Saved a draft of the server; none has no content */
/** @typedef {{revision: number, base: Answer, content: Answer}} Local a draft in this browser */
/** @typedef {"saved" | "merged" | "offline" | "closed" | "signed-out" | "unsaved"} Outcome */

const PREFIX = "unitscope:draft:";
const SAVE_DELAY_MS = 500; // after the last change
const MAX_RETRY_DELAY_MS = 30_000; // while there is no connection
const MAX_TRIES = 3; // to save what another page keeps overtaking
const [FORBIDDEN, STALE, GONE] = [403, 409, 410];
const EMPTY_FIELDS = { second_group: null, remark: "" };

const key = PREFIX + form.dataset.key;
const savedLine = find("[data-saved]");
const blank = read(); // what the page had when it came
/** @type {TimeTrace} */
let trace;
let [revision, base] = [0, blank]; // the draft that this page's changes are based on
let last = blank; // the form after the last change
/** @type {Answer | null} */
let theirs = null; // the other tab's draft, where both tabs changed a field
let timer = 0;
let retryDelay = 0;
/** @type {Promise<Outcome> | null} */
let saving = null;
let isClosed = false;
// A submit is held until the draft is saved: nothing is lost without a connection, and the worker
// sees what another tab changed before it counts.
let [isHeld, isSending] = [false, false];
/** @type {HTMLElement | null} */
let submitter = null;

/** @param {TimeTrace} pageTrace its parts are sent with the drafts */
export function startDraft(pageTrace) {
  trace = pageTrace;
  form.addEventListener("submit", holdSubmit);
  form.addEventListener("input", onChange);
  form.addEventListener("change", onChange);
  find("[data-theirs]").addEventListener("click", takeTheirs);
  addEventListener("online", () => schedule(0));
  document.addEventListener("visibilitychange", onVisibility);
  removeLocalsThatAreDone();
  restore();
}

// Restoring

function restore() {
  /** @type {Saved | null} */
  const server = JSON.parse(form.dataset.draft ?? "null");
  if (server?.content) {
    // Older drafts have no second group and no remark.
    [revision, base] = [server.revision, { ...EMPTY_FIELDS, ...server.content }];
    write({ ...read(), views: base.views });
  }
  // A page that comes back with an error already has what was submitted, which is newer.
  const mine = "fresh" in form.dataset ? local() : null;
  if (mine && mine.revision > revision) { // saved while this page was loading
    [revision, base] = [mine.revision, mine.base];
    write(mine.content);
  } else if (mine) {
    write(merge(mine.base, mine.content, base).merged);
  }
  last = read();
  savedLine.hidden = !server || isDirty();
  if (isDirty()) schedule(0);
}

// The copy in this browser. Storage may be full or forbidden: then only the server has a draft.

/** @returns {Local | null} */
function local() {
  try { return JSON.parse(remembered(key) ?? "null"); } catch { return null; }
}

/** @param {Answer} content */
function keepLocal(content) {
  remember(key, JSON.stringify({ revision, base, content }));
}

/** Removes drafts of other assignments once the server says that they were submitted or skipped. */
function removeLocalsThatAreDone() {
  try {
    Object.keys(localStorage)
      .filter((other) => other.startsWith(PREFIX) && other !== key)
      .forEach(removeIfDone);
  } catch { /* forbidden */ }
}

/** @param {string} other */
async function removeIfDone(other) {
  const { draftUrl = "", key: mine = "" } = form.dataset;
  const url = draftUrl.replace(mine, other.slice(PREFIX.length));
  const response = await send(url, { method: "HEAD" }).catch(() => null);
  if (response?.status === GONE) localStorage.removeItem(other);
}

// Saving

function isDirty() {
  return !isSame(read(), base);
}

/** @param {number} delay in milliseconds */
function schedule(delay) {
  clearTimeout(timer);
  timer = setTimeout(save, delay);
}

function onChange() {
  const now = read();
  // Leaving a text field fires "change" after its "input" events, with the same text.
  if (isClosed || isSame(now, last)) return;
  last = now;
  savedLine.hidden = true;
  if (["merged", "conflict"].includes(currentNotice())) showNotice(null);
  keepLocal(now);
  schedule(retryDelay || SAVE_DELAY_MS);
}

async function save() {
  clearTimeout(timer);
  while (saving) await saving; // several may have waited for the same one
  if (isSending || (isClosed && !isHeld)) return;
  saving = attempt();
  const outcome = await saving;
  saving = null;
  if (outcome === "saved") {
    onSaved();
  } else if (outcome === "merged") {
    schedule(0);
  } else if (outcome === "offline") {
    retryDelay = Math.min(MAX_RETRY_DELAY_MS, retryDelay * 2 || 1000);
    showNotice("offline");
    schedule(retryDelay);
  } else {
    isClosed = outcome === "closed";
    showNotice(outcome); // signed out: the next change tries again, perhaps signed in elsewhere
  }
  if (isHeld) submitHeld(outcome);
}

function onSaved() {
  retryDelay = 0;
  if (["offline", "sending", "signed-out", "unsaved"].includes(currentNotice())) showNotice(null);
  keepLocal(read());
  if (isDirty()) schedule(SAVE_DELAY_MS);
  savedLine.hidden = isDirty();
}

/**
 * @param {number} [tries] this one included
 * @returns {Promise<Outcome>}
 */
async function attempt(tries = 1) {
  const [mine, part] = [read(), trace.take()];
  const body = JSON.stringify({ revision, content: mine, trace: part });
  const options = { method: "POST", keepalive: true, body };
  const response = await send(form.dataset.draftUrl, options).catch(() => null);
  if (!response?.ok) trace.putBack(part);
  if (!response || response.status >= 500) return "offline";
  if (response.status === GONE) return "closed";
  if (response.status === FORBIDDEN) return "signed-out";
  if (response.status === STALE && tries < MAX_TRIES) {
    return mergeIn(await response.json()) ? "merged" : attempt(tries + 1);
  }
  if (!response.ok) return "unsaved";
  [revision, base] = [(await response.json()).revision, mine];
  return "saved";
}

// Other tabs

/**
 * Merges a newer draft into the form.
 * @param {Saved} newer
 * @returns {boolean} whether the worker should look again
 */
function mergeIn(newer) {
  if (!newer.content) { // the server has no draft at all, so this page's is the first
    [revision, base] = [newer.revision, blank];
    return false;
  }
  const mine = read();
  const { merged, conflicts } = merge(base, mine, newer.content);
  [revision, base] = [newer.revision, newer.content];
  const isChanged = hasChanged(mine, merged);
  if (isChanged) write(merged);
  last = read();
  if (conflicts.length) {
    theirs = newer.content;
    showNotice("conflict");
  } else if (isChanged) {
    showNotice("merged");
  }
  keepLocal(merged);
  return isChanged || conflicts.length > 0;
}

function takeTheirs() {
  if (!theirs) return;
  const { marked, view } = read();
  write({ ...theirs, marked, view });
  onChange();
}

async function onVisibility() {
  if (isSending || isClosed) return;
  if (document.hidden) {
    if (isDirty()) save();
    return;
  }
  const response = await send(form.dataset.draftUrl).catch(() => null); // another tab may have saved
  /** @type {Saved | null} */
  const newer = response?.ok ? await response.json() : null;
  if (newer && newer.revision > revision && !saving && mergeIn(newer) && isDirty()) schedule(0);
}

// Submitting

/** @param {SubmitEvent} event */
function holdSubmit(event) {
  if (isSending) return;
  event.preventDefault();
  submitter = event.submitter;
  if (isHeld) return;
  isHeld = true;
  save();
}

/** @param {Outcome} outcome of saving the draft */
function submitHeld(outcome) {
  if (outcome === "offline") {
    showNotice("sending");
  } else if (outcome === "merged" || outcome === "signed-out") {
    isHeld = false; // the worker checks the merged form first, or enters again
  } else {
    isSending = true;
    form.requestSubmit(submitter);
  }
}

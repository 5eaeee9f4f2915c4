// The grid of the HIT page: keyboard navigation within one tab stop, undo and redo of marks, and a
// counter for screen readers.
import { formAction, gridAction } from "./keys.js";
import { MarkHistory } from "./mark-history.js";
import { following, gridMove } from "./moves.js";
import {
  boxes, change, concept, find, findButton, findDialog, form, grid, isHidden, radios, remember,
  remembered, tileOf,
} from "./page.js";

const STORAGE_KEY = "unitscope:single-keys";
const counter = find("[data-counter]");
const barCount = find("[data-bar-count]");
const tooFew = find("[data-least]");
const undoButton = findButton("[data-undo]");
const redoButton = findButton("[data-redo]");
const markAllButton = findButton("[data-mark-all]");
const keysButton = findButton("[data-keys]");
const keys = findDialog("keys");
const singleKeys = /** @type {HTMLInputElement} */ (find("[data-single-keys]", keys));
const second = /** @type {HTMLSelectElement | null} */ (form.elements.namedItem("second_group"));
const history = new MarkHistory();

export function startGrid() {
  startMarks();
  startRenamed();
  startTabStop();
  startKeys();
  [undoButton, redoButton, markAllButton, barCount, keysButton].forEach((each) => {
    each.hidden = false;
  });
  refresh();
  document.getElementById("look-again")?.focus();
}

// Marks

function startMarks() {
  grid.addEventListener("change", ({ target }) => {
    const box = /** @type {HTMLInputElement} */ (target);
    if (!isHidden(box)) history.record(boxes.indexOf(box), box.checked);
    if (!history.isBusy) refresh();
  });
  form.addEventListener("restored", refresh);
  markAllButton.addEventListener("click", markAll);
  undoButton.addEventListener("click", undo);
  redoButton.addEventListener("click", redo);
}

/**
 * Marks or unmarks a picture, unless it is hidden.
 * @param {HTMLInputElement} box
 * @param {boolean} isMarked
 */
function mark(box, isMarked) {
  if (!isHidden(box) && box.checked !== isMarked) change(box, isMarked);
}

/** For sets where most pictures do not fit: mark all, then unmark the few that do. */
function markAll() {
  const isMarked = boxes.some((box) => !box.checked && !isHidden(box));
  history.together(() => boxes.forEach((box) => mark(box, isMarked)));
  refresh();
}

function undo() {
  afterReplay(history.undo((at, isMarked) => mark(boxes[at], isMarked)));
}

function redo() {
  afterReplay(history.redo((at, isMarked) => mark(boxes[at], isMarked)));
}

/** @param {number[] | null} changed numbers of pictures */
function afterReplay(changed) {
  if (!changed) return;
  if (changed.length === 1) boxes[changed[0]].focus();
  refresh();
}

function refresh() {
  undoButton.disabled = !history.canUndo;
  redoButton.disabled = !history.canRedo;
  const isAll = showCount() > 0 && boxes.every((box) => box.checked || isHidden(box));
  const label = (isAll ? markAllButton.dataset.unmarkAll : markAllButton.dataset.markAll) ?? "";
  setText(markAllButton, label);
}

/** @returns {number} how many pictures are marked */
function showCount() {
  const marked = boxes.filter((box) => box.checked).length;
  const shown = boxes.filter((box) => !isHidden(box)).length;
  const text = counter.dataset.counter ?? "";
  setText(counter, text.replace("MARKED", String(marked)).replace("COUNT", String(shown)));
  barCount.textContent = `${marked}/${shown}`;
  tooFew.hidden = shown >= Number(tooFew.dataset.least);
  return marked;
}

/**
 * Writes a text only if it is another, since screen readers announce every write.
 * @param {HTMLElement} element
 * @param {string} text
 */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Asks the worker to check the marks if the name changes after pictures were marked. */
function startRenamed() {
  if (!concept) return; // a HIT that verifies a concept has no name
  const field = concept;
  const renamed = find("[data-renamed]");
  let name = field.value.trim();
  field.addEventListener("change", () => {
    const isOther = name !== "" && field.value.trim() !== name;
    renamed.textContent = isOther && showCount() ? renamed.dataset.renamed ?? "" : "";
    name = field.value.trim();
  });
  grid.addEventListener("change", () => { renamed.textContent = ""; });
}

// Keys

/** The grid is one tab stop: the picture focused last. */
function startTabStop() {
  makeTabStop(boxes[0]);
  grid.querySelectorAll("[data-zoom]").forEach((loupe) => loupe.setAttribute("tabindex", "-1"));
  grid.addEventListener("focusin", ({ target }) => {
    const box = boxes.find((each) => each === target);
    if (box) makeTabStop(box);
  });
}

/** @param {HTMLInputElement} box */
function makeTabStop(box) {
  boxes.forEach((each) => { each.tabIndex = each === box ? 0 : -1; });
}

/** The list of shortcuts, the switch for single-letter ones, and the shortcuts themselves. */
function startKeys() {
  singleKeys.checked = remembered(STORAGE_KEY) !== "off";
  singleKeys.addEventListener("change", () => {
    remember(STORAGE_KEY, singleKeys.checked ? "on" : "off");
  });
  keysButton.addEventListener("click", () => keys.showModal());
  findButton("[data-close]", keys).addEventListener("click", () => keys.close());
  grid.addEventListener("keydown", onGridKey);
  form.addEventListener("keydown", onFormKey);
}

/** @param {KeyboardEvent} event */
function onGridKey(event) {
  const at = boxes.findIndex((box) => box === event.target);
  if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
  const to = gridMove(event.key, at, columns, boxes.length);
  const action = gridAction(event, singleKeys.checked, Boolean(second));
  if (to !== null) boxes[to].focus();
  else if (action) act(boxes[at], action[0], action[1]);
  else return;
  event.preventDefault();
}

/**
 * @param {HTMLInputElement} box the picture that has the focus
 * @param {import("./keys.js").GridAction[0]} name
 * @param {string} value
 */
function act(box, name, value) {
  const tile = /** @type {HTMLElement} */ (tileOf(box));
  ({
    mark: () => mark(box, !box.checked),
    "mark all": markAll,
    zoom: () => find("[data-zoom]", tile).click(),
    hide: () => find(".hide", tile).click(),
    view: nextView,
    name: () => concept?.focus(),
    help: () => find("[data-how]").click(),
    keys: () => keys.showModal(),
    size: () => find(`[data-size="${value}"]`).click(),
    group: () => choose("group", value),
    "second group": () => chooseSecond(value),
  })[name]();
}

/**
 * @param {string} name
 * @param {string} value
 */
function choose(name, value) {
  const radio = radios(name).find((each) => each.value === value);
  if (radio) change(radio, true);
}

function nextView() {
  const views = radios("view");
  const next = following(views.map((view) => view.value), views.find((view) => view.checked)?.value);
  if (next) choose("view", next);
}

/** @param {string} group is removed if it is chosen already */
function chooseSecond(group) {
  if (!second) return;
  second.value = second.value === group ? "" : group;
  second.dispatchEvent(new Event("change", { bubbles: true }));
}

/** @param {KeyboardEvent} event */
function onFormKey(event) {
  const { target } = event;
  const isText = target instanceof HTMLTextAreaElement
    || (target instanceof HTMLInputElement && target.type === "text");
  const action = formAction(event, concept !== null && target === concept, isText);
  if (!action) return;
  event.preventDefault();
  ({
    pictures: () => boxes.find((box) => box.tabIndex === 0)?.focus(), // instead of submitting
    submit: () => find('[name="then"][value="next"]').click(),
    undo,
    redo,
  })[action]();
}

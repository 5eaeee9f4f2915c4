// Reads and writes the form of a HIT page as data, and shows notices about it.
import { boxes, chosen, concept, form, isHidden, radios } from "./page.js";

/** @typedef {import("./draft-merge.js").Answer} Answer */

/** A field that a HIT which verifies a concept does not have: nothing is read from it. */
const NONE = { value: "" };
const name = concept ?? NONE;
const second = /** @type {{value: string}} */ (form.elements.namedItem("second_group") ?? NONE);
const remark = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("remark"));
const notices = /** @type {HTMLElement[]} */ ([...form.querySelectorAll("[data-notice]")]);
/** @type {Set<string>} */
const views = new Set(); // all views used so far

/** @returns {Answer} */
export function read() {
  const view = chosen("view") ?? "whole";
  views.add(view);
  return {
    concept: name.value,
    group: numberOrNone(chosen("group")),
    second_group: numberOrNone(second.value),
    remark: remark.value,
    says: chosen("says") ?? "given",
    view,
    views: [...views].sort(),
    marked: boxes.filter((box) => box.checked).map((box) => Number(box.value)).sort((a, b) => a - b),
  };
}

/**
 * @param {string | undefined} value
 * @returns {number | null}
 */
function numberOrNone(value) {
  return value ? Number(value) : null;
}

/** @param {Answer} answer */
export function write(answer) {
  if (name.value !== answer.concept) name.value = answer.concept;
  second.value = String(answer.second_group ?? "");
  if (remark.value !== (answer.remark ?? "")) remark.value = answer.remark ?? "";
  radios("group").forEach((each) => { each.checked = Number(each.value) === answer.group; });
  radios("says").forEach((each) => { each.checked = each.value === answer.says; });
  radios("view").forEach((each) => { each.checked = each.value === answer.view; });
  answer.views.forEach((view) => views.add(view));
  boxes.forEach((box) => {
    box.checked = !isHidden(box) && answer.marked.includes(Number(box.value));
  });
  form.dispatchEvent(new CustomEvent("restored"));
}

/**
 * Shows one notice and hides the others.
 * @param {string | null} shown null hides all
 */
export function showNotice(shown) {
  notices.forEach((each) => { each.hidden = each.dataset.notice !== shown; });
}

/** @returns {string} the name of the notice that is shown; "" if there is none */
export function currentNotice() {
  return notices.find((each) => !each.hidden)?.dataset.notice ?? "";
}

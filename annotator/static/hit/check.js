// Finds what is missing or wrong in an answer before it is submitted, and says it. A sentence goes
// away as soon as it is no longer true.
import { answerErrors } from "./answer-errors.js";
import { currentNotice, read } from "./form.js";
import { concept, find, form } from "./page.js";

/** @typedef {import("./answer-errors.js").CheckedField} CheckedField */

/** @type {CheckedField[]} */
const FIELDS = ["concept", "group"];

/** A HIT that verifies a concept has nothing to check. */
export function startChecks() {
  if (!concept) return;
  // Captures the event before the scripts that hold a submit for pictures or for the draft.
  form.addEventListener("submit", checkSubmit, true);
  ["input", "change", "restored"].forEach((type) => form.addEventListener(type, removeSolved));
}

/** @returns {Record<CheckedField, string>} */
function errors() {
  const { sentences, maxWords } = form.dataset;
  return answerErrors(read(), JSON.parse(sentences ?? ""), Number(maxWords));
}

/** @param {SubmitEvent} event */
function checkSubmit(event) {
  if (currentNotice() === "closed") return; // submitted or skipped: the server says so
  const wrong = errors();
  FIELDS.forEach((field) => show(field, wrong[field]));
  const first = FIELDS.find((field) => wrong[field]);
  if (!first) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (first === "group") form.dispatchEvent(new CustomEvent("groupless")); // phones open the groups
  (first === "group" ? find("#group-1") : concept)?.focus();
}

/**
 * @param {CheckedField} field
 * @param {string} sentence
 */
function show(field, sentence) {
  linesOf("p", field).forEach((line) => {
    line.textContent = sentence;
    line.hidden = !sentence;
  });
  linesOf("li", field).forEach((line) => { line.hidden = !sentence; });
  if (field === "concept") concept?.setAttribute("aria-invalid", String(Boolean(sentence)));
}

/**
 * The lines that say an error: beside its field (p), and in the summary at the top (li).
 * @param {"p" | "li"} tag
 * @param {CheckedField} field
 */
function linesOf(tag, field) {
  return [...form.querySelectorAll(tag)].filter((line) => line.dataset.error === field);
}

function removeSolved() {
  const wrong = errors();
  FIELDS.filter((field) => linesOf("p", field).some((line) => !line.hidden))
    .forEach((field) => show(field, wrong[field]));
  const summary = document.getElementById("look-again");
  const items = [...summary?.querySelectorAll("li") ?? []];
  if (summary && items.length && items.every((item) => item.hidden)) summary.hidden = true;
}

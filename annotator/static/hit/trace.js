// Traces how the worker works on a HIT. Parts are sent with every draft, when the page is left, and
// with the answer.
import { read } from "./form.js";
import { boxOf, concept, form, send, tiles } from "./page.js";
import { TICK_MS, TimeTrace } from "./time-trace.js";

const INPUTS = ["keydown", "pointerdown", "pointermove", "wheel", "touchmove", "scroll"];

/** @returns {TimeTrace} */
export function startTrace() {
  const trace = new TimeTrace(Math.random().toString(36).slice(2), performance.now());
  const inView = watchTiles();
  setInterval(() => {
    const page = { isHidden: document.hidden, view: () => read().view, inView };
    trace.tick(performance.now(), page);
  }, TICK_MS);
  const onInput = () => trace.input(performance.now());
  INPUTS.forEach((type) => addEventListener(type, onInput, { passive: true, capture: true }));
  addEventListener("blur", () => trace.leave());
  addEventListener("focus", () => trace.comeBack());
  concept?.addEventListener("paste", () => trace.paste());
  form.addEventListener("change", ({ target }) => {
    const box = /** @type {HTMLInputElement} */ (target);
    if (box.name === "marked" && box.checked) trace.mark(Number(box.value));
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) {
      trace.comeBack();
      return;
    }
    trace.leave();
    sendPart(trace);
  });
  // "formdata" fires only for the final submit, not for one that is held for pictures or a draft.
  form.addEventListener("formdata", (event) => {
    const parts = trace.takeAll();
    if (parts.length) event.formData.set("trace", JSON.stringify(parts));
  });
  return trace;
}

/** @returns {Set<string>} slots of the pictures of which at least half is in view, kept up to date */
function watchTiles() {
  /** @type {Set<string>} */
  const inView = new Set();
  const watcher = new IntersectionObserver((entries) => entries.forEach((entry) => {
    inView[entry.isIntersecting ? "add" : "delete"](boxOf(entry.target).value);
  }), { threshold: 0.5 });
  tiles.forEach((tile) => watcher.observe(tile));
  return inView;
}

/** @param {TimeTrace} trace */
function sendPart(trace) {
  const part = trace.take();
  if (!part) return;
  const options = { method: "POST", keepalive: true, body: JSON.stringify(part) };
  send(form.dataset.traceUrl, options).then(
    (response) => { if (response.status >= 500) trace.putBack(part); },
    () => trace.putBack(part),
  );
}

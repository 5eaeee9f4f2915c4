// Records how the worker works on a HIT: what the consent text states as logged, and nothing else.
// The trace is sent in parts, each with what was added since the last one: with every draft, when the
// page is left, and on submit.
const trace = (() => {
  const form = document.getElementById("hit");
  const TICK_MS = 250;
  const IDLE_MS = 30_000; // without input for this long, the worker is idle
  const MAX_TICK_MS = 1000; // a longer gap means that the computer slept
  const emptyPart = () => ({ ms: 0, pastes: 0, lost: 0, seen: new Map(), order: [], views: new Set() });
  let current = emptyPart();
  let [lastTick, lastInput, isAway] = [performance.now(), performance.now(), false];

  const slotOf = (tile) => tile.querySelector("input[name=marked]").value;
  const inView = new Set();
  const watcher = new IntersectionObserver((entries) => entries.forEach((entry) => {
    inView[entry.isIntersecting ? "add" : "delete"](slotOf(entry.target));
  }), { threshold: 0.5 });
  form.querySelectorAll(".tile").forEach((tile) => watcher.observe(tile));

  setInterval(() => {
    const time = performance.now();
    const passed = Math.min(time - lastTick, MAX_TICK_MS);
    lastTick = time;
    if (document.hidden || time - lastInput > IDLE_MS) return;
    current.ms += passed;
    current.views.add(hitForm.read().view);
    inView.forEach((slot) => current.seen.set(slot, (current.seen.get(slot) ?? 0) + passed));
  }, TICK_MS);
  const onInput = () => { lastInput = performance.now(); };
  ["keydown", "pointerdown", "pointermove", "wheel", "touchmove", "scroll"].forEach((type) => {
    addEventListener(type, onInput, { passive: true, capture: true });
  });

  const onAway = () => { if (!isAway) current.lost += 1; isAway = true; };
  addEventListener("blur", onAway);
  addEventListener("focus", () => { isAway = false; });
  document.getElementById("concept")?.addEventListener("paste", () => { current.pastes += 1; });
  form.addEventListener("change", ({ target }) => {
    if (target.name === "marked" && target.checked) current.order.push(Number(target.value));
  });

  // Returns what was added since the last part; null if there is nothing worth sending.
  const take = () => {
    const part = current;
    current = emptyPart();
    if (!part.lost && !part.pastes && !part.order.length && part.ms < TICK_MS) return null;
    return {
      active_seconds: part.ms / 1000,
      paste_count: part.pastes,
      focus_lost_count: part.lost,
      seen_ms: Object.fromEntries([...part.seen].map(([slot, ms]) => [slot, Math.round(ms)])),
      mark_order: part.order,
      views: [...part.views].sort(),
    };
  };
  // Adds a part that did not arrive to the next one.
  const putBack = (part) => {
    if (!part) return;
    current.ms += 1000 * part.active_seconds;
    current.pastes += part.paste_count;
    current.lost += part.focus_lost_count;
    current.order.unshift(...part.mark_order);
    part.views.forEach((view) => current.views.add(view));
    Object.entries(part.seen_ms).forEach(([slot, ms]) => current.seen.set(slot, (current.seen.get(slot) ?? 0) + ms));
  };

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) { isAway = false; return; }
    onAway();
    const part = take();
    if (!part) return;
    fetch(form.dataset.traceUrl, {
      method: "POST",
      keepalive: true,
      credentials: "same-origin",
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      body: JSON.stringify(part),
    }).then((response) => { if (response.status >= 500) putBack(part); }, () => putBack(part));
  });
  // "formdata" fires only for the final submit, not for one that is held for pictures or a draft.
  form.addEventListener("formdata", (event) => {
    const part = take();
    if (part) event.formData.set("trace", JSON.stringify(part));
  });

  return { take, putBack };
})();

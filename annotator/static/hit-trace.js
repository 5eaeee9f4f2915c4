// Records how the worker works on a HIT: what the consent text states as logged, and nothing else.
// The trace is sent in parts, each with what was added since the last one: with every draft, when the
// page is left, and on submit. A part has a name, by which the server adds it once: one that got no
// response is sent again as it was.
const trace = (() => {
  const form = document.getElementById("hit");
  const TICK_MS = 250;
  const IDLE_MS = 30_000; // without input for this long, the worker is idle
  const MAX_TICK_MS = 1000; // a longer gap means that the computer slept
  const emptyPart = () => ({ ms: 0, pastes: 0, lost: 0, seen: new Map(), order: [], views: new Set() });
  const page = Math.random().toString(36).slice(2);
  let count = 0;
  let unsent = null; // the part that may not have arrived; until it has, the next one grows
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
  const takeCurrent = () => {
    const part = current;
    current = emptyPart();
    if (!part.lost && !part.pastes && !part.order.length && part.ms < TICK_MS) return null;
    count += 1;
    return {
      part: `${page}.${count}`,
      active_seconds: part.ms / 1000,
      paste_count: part.pastes,
      focus_lost_count: part.lost,
      seen_ms: Object.fromEntries([...part.seen].map(([slot, ms]) => [slot, Math.round(ms)])),
      mark_order: part.order,
      views: [...part.views].sort(),
    };
  };
  // Returns the part to send now; null if there is none.
  const take = () => {
    const part = unsent ?? takeCurrent();
    unsent = null;
    return part;
  };
  // Keeps a part that may not have arrived, to be sent again as it is.
  const putBack = (part) => { unsent ??= part; };

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
    const parts = [take(), takeCurrent()].filter(Boolean);
    if (parts.length) event.formData.set("trace", JSON.stringify(parts));
  });

  return { take, putBack };
})();

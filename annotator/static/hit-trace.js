// How a HIT is worked on: what the consent text names as logged, and nothing else. It is told in
// parts, each what was added since the last: with every draft, when the page is left, on submit.
const trace = (() => {
  const form = document.getElementById("hit");
  const TICK_MS = 250;
  const IDLE_MS = 30_000; // without a key, a pointer or a scroll, nobody is working
  const LONGEST_TICK_MS = 1000; // a machine that slept did not work
  const none = () => ({ ms: 0, pastes: 0, lost: 0, seen: new Map(), order: [], views: new Set() });
  let now = none();
  let [lastTick, lastAct, isAway] = [performance.now(), performance.now(), false];

  const slotOf = (tile) => tile.querySelector("input[name=marked]").value;
  const inView = new Set();
  const watcher = new IntersectionObserver((entries) => entries.forEach((entry) => {
    inView[entry.isIntersecting ? "add" : "delete"](slotOf(entry.target));
  }), { threshold: 0.5 });
  form.querySelectorAll(".tile").forEach((tile) => watcher.observe(tile));

  setInterval(() => {
    const at = performance.now();
    const passed = Math.min(at - lastTick, LONGEST_TICK_MS);
    lastTick = at;
    if (document.hidden || at - lastAct > IDLE_MS) return;
    now.ms += passed;
    now.views.add(said.read().view);
    inView.forEach((slot) => now.seen.set(slot, (now.seen.get(slot) ?? 0) + passed));
  }, TICK_MS);
  const act = () => { lastAct = performance.now(); };
  ["keydown", "pointerdown", "pointermove", "wheel", "touchmove", "scroll"].forEach((each) => {
    addEventListener(each, act, { passive: true, capture: true });
  });

  const away = () => { if (!isAway) now.lost += 1; isAway = true; };
  addEventListener("blur", away);
  addEventListener("focus", () => { isAway = false; });
  document.getElementById("concept")?.addEventListener("paste", () => { now.pastes += 1; });
  form.addEventListener("change", ({ target }) => {
    if (target.name === "marked" && target.checked) now.order.push(Number(target.value));
  });

  // What was added since the last part; null for nothing worth telling.
  const take = () => {
    const part = now;
    now = none();
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
  // A part that did not arrive is told with the next.
  const putBack = (part) => {
    if (!part) return;
    now.ms += 1000 * part.active_seconds;
    now.pastes += part.paste_count;
    now.lost += part.focus_lost_count;
    now.order.unshift(...part.mark_order);
    part.views.forEach((view) => now.views.add(view));
    Object.entries(part.seen_ms).forEach(([slot, ms]) => now.seen.set(slot, (now.seen.get(slot) ?? 0) + ms));
  };

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) { isAway = false; return; }
    away();
    const part = take();
    if (!part) return;
    fetch(form.dataset.traceUrl, {
      method: "POST",
      keepalive: true,
      credentials: "same-origin",
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      body: JSON.stringify(part),
    }).then((answer) => { if (answer.status >= 500) putBack(part); }, () => putBack(part));
  });
  // Only what is really sent: the submit that waits for pictures or a draft is no submit yet.
  form.addEventListener("formdata", (event) => {
    const part = take();
    if (part) event.formData.set("trace", JSON.stringify(part));
  });

  return { take, putBack };
})();

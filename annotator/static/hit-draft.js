// What is entered on a HIT page is saved on the server as it is entered, and kept in this browser.
// Each save says which revision it is based on; where another tab was faster, both are merged and
// saved again.
{
  const form = document.getElementById("hit");
  const PREFIX = "unitscope:draft:";
  const name = PREFIX + form.dataset.key;
  const QUIET_MS = 500; // without a change, before it is saved
  const LONGEST_WAIT_MS = 30_000; // between two attempts without a connection
  const STALE = 409;
  const GONE = 410;

  const saved = form.querySelector("[data-saved]");

  // This browser's copy. Storage may be full or forbidden; then there is only the server's.
  const keep = (now) => {
    try { localStorage.setItem(name, JSON.stringify({ revision, base, said: now })); } catch { /* none */ }
  };
  const kept = () => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } };
  const drop = (key) => { try { localStorage.removeItem(key); } catch { /* none */ } };

  let { revision, base } = { revision: 0, base: said.read() };
  let [timer, wait, saving, isClosed] = [null, 0, null, false];
  let last = base; // as of the last change
  let theirs = null; // what another tab says where this one says something else

  const isDirty = () => !said.same(said.read(), base);
  const schedule = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  };

  const ask = (options = {}) => fetch(form.dataset.draftUrl, {
    credentials: "same-origin",
    headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    ...options,
  });

  // Returns whether the form changed by it.
  const mergeIn = (newer) => {
    if (!newer.said) return false;
    const mine = said.read();
    const { merged, conflicts } = said.merge(base, mine, newer.said);
    [revision, base] = [newer.revision, newer.said];
    const changes = [...said.FIELDS, "marked"].some((field) => !said.same(mine[field], merged[field]));
    if (changes) said.write(merged);
    last = said.read();
    if (conflicts.length) {
      theirs = newer.said;
      said.notice("conflict");
    } else if (changes) {
      said.notice("merged");
    }
    keep(merged);
    return changes || conflicts.length > 0;
  };

  const attempt = async () => {
    const [mine, part] = [said.read(), trace.take()];
    let answer;
    try {
      const body = JSON.stringify({ revision, said: mine, trace: part });
      answer = await ask({ method: "POST", keepalive: true, body });
    } catch { /* no connection */ }
    if (!answer?.ok) trace.putBack(part);
    if (!answer) return "offline";
    if (answer.status >= 500) return "offline";
    if (answer.status === GONE) return "closed";
    if (answer.status === STALE) {
      const changed = mergeIn(await answer.json());
      return changed ? "merged" : attempt();
    }
    if (!answer.ok) return "unsaved";
    [revision, base] = [(await answer.json()).revision, mine];
    return "saved";
  };

  const save = async () => {
    clearTimeout(timer);
    if (saving) await saving;
    if (isSending || (isClosed && !isHeld)) return;
    saving = attempt();
    const outcome = await saving;
    saving = null;
    if (outcome === "saved") {
      wait = 0;
      if (["offline", "sending", "unsaved"].includes(said.noticed())) said.notice(null);
      keep(said.read());
      if (isDirty()) schedule(QUIET_MS);
      saved.hidden = isDirty();
    } else if (outcome === "merged") {
      schedule(0);
    } else if (outcome === "offline") {
      wait = Math.min(LONGEST_WAIT_MS, wait * 2 || 1000);
      said.notice("offline");
      schedule(wait);
    } else {
      isClosed = outcome === "closed";
      said.notice(outcome);
    }
    if (isHeld) letGo(outcome);
  };

  // Submit saves first: so nothing is lost if there is no connection, and what another tab
  // changed is seen before it counts.
  let [isHeld, isSending, submitter] = [false, false, null];
  const letGo = (outcome) => {
    if (outcome === "offline") {
      said.notice("sending");
    } else if (outcome === "merged") {
      isHeld = false; // the worker looks again first
    } else {
      isSending = true;
      form.requestSubmit(submitter);
    }
  };
  form.addEventListener("submit", (event) => {
    if (isSending) return;
    event.preventDefault();
    submitter = event.submitter;
    if (isHeld) return;
    isHeld = true;
    save();
  });

  const changed = () => {
    const now = said.read();
    // A field that is left tells again what it told while it was typed in.
    if (isClosed || said.same(now, last)) return;
    last = now;
    saved.hidden = true;
    if (["merged", "conflict"].includes(said.noticed())) said.notice(null);
    keep(now);
    schedule(wait || QUIET_MS);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.querySelector("[data-theirs]").addEventListener("click", () => {
    said.write({ ...theirs, marked: said.read().marked, view: said.read().view });
    changed();
  });
  addEventListener("online", () => schedule(0));
  document.addEventListener("visibilitychange", async () => {
    if (isSending || isClosed) return;
    if (document.hidden) {
      if (isDirty()) save();
      return;
    }
    const answer = await ask().catch(() => null); // another tab may have saved meanwhile
    const newer = answer?.ok ? await answer.json() : null;
    if (newer?.revision > revision && !saving && mergeIn(newer) && isDirty()) schedule(0);
  });

  // Drafts of other assignments belong to answers that were given, or given back.
  try {
    Object.keys(localStorage)
      .filter((key) => key.startsWith(PREFIX) && key !== name)
      .forEach(drop);
  } catch { /* forbidden */ }

  const server = JSON.parse(form.dataset.draft);
  if (server) {
    // A draft may be older than the question for a second group.
    [revision, base] = [server.revision, { second_group: null, ...server.said }];
    said.write({ ...said.read(), views: base.views });
  }
  // A page that comes back with an error already holds what was sent, and that is newer.
  const mine = "fresh" in form.dataset && kept();
  if (mine?.revision > revision) { // saved while this page was on its way
    [revision, base] = [mine.revision, mine.base];
    said.write(mine.said);
  } else if (mine) {
    said.write(said.merge(mine.base, mine.said, base).merged);
  }
  last = said.read();
  saved.hidden = !server || isDirty();
  if (isDirty()) schedule(0);
}

// Saves the form of a HIT page as a draft, on the server and in this browser, while it is filled in.
// Each save names the revision it is based on. If another tab has saved a newer one, both are merged
// and saved again.
{
  const form = document.getElementById("hit");
  const PREFIX = "unitscope:draft:";
  const name = PREFIX + form.dataset.key;
  const SAVE_DELAY_MS = 500; // after the last change
  const MAX_RETRY_DELAY_MS = 30_000; // while there is no connection
  const MAX_TRIES = 3; // to save what another page keeps overtaking
  const [FORBIDDEN, STALE, GONE] = [403, 409, 410];

  const saved = form.querySelector("[data-saved]");

  // The copy in this browser. Storage may be full or forbidden: then only the server has a draft.
  const storeLocally = (data) => {
    try { localStorage.setItem(name, JSON.stringify({ revision, base, content: data })); } catch { /* none */ }
  };
  const loadLocal = () => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } };
  const removeLocal = (key) => { try { localStorage.removeItem(key); } catch { /* none */ } };

  const blank = hitForm.read();
  let { revision, base } = { revision: 0, base: blank };
  let [timer, retryDelay, saving, isClosed] = [null, 0, null, false];
  let last = base; // the form after the last change
  let theirs = null; // the other tab's draft, where both tabs changed a field

  const isDirty = () => !hitForm.isSame(hitForm.read(), base);
  const schedule = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  };

  const request = (options = {}) => fetch(form.dataset.draftUrl, {
    credentials: "same-origin",
    headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    ...options,
  });

  // Merges a newer draft into the form. Returns whether the worker should look again.
  const mergeIn = (newer) => {
    if (!newer.content) { // the server has no draft at all, so this page's is the first
      [revision, base] = [newer.revision, blank];
      return false;
    }
    const mine = hitForm.read();
    const { merged, conflicts } = hitForm.merge(base, mine, newer.content);
    [revision, base] = [newer.revision, newer.content];
    const changes = [...hitForm.FIELDS, "marked"].some((field) => !hitForm.isSame(mine[field], merged[field]));
    if (changes) hitForm.write(merged);
    last = hitForm.read();
    if (conflicts.length) {
      theirs = newer.content;
      hitForm.showNotice("conflict");
    } else if (changes) {
      hitForm.showNotice("merged");
    }
    storeLocally(merged);
    return changes || conflicts.length > 0;
  };

  const attempt = async (tries = 1) => {
    const [mine, part] = [hitForm.read(), trace.take()];
    let response;
    try {
      const body = JSON.stringify({ revision, content: mine, trace: part });
      response = await request({ method: "POST", keepalive: true, body });
    } catch { /* no connection */ }
    if (!response?.ok) trace.putBack(part);
    if (!response) return "offline";
    if (response.status >= 500) return "offline";
    if (response.status === GONE) return "closed";
    if (response.status === FORBIDDEN) return "signed-out";
    if (response.status === STALE && tries < MAX_TRIES) {
      const changed = mergeIn(await response.json());
      return changed ? "merged" : attempt(tries + 1);
    }
    if (!response.ok) return "unsaved";
    [revision, base] = [(await response.json()).revision, mine];
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
      retryDelay = 0;
      if (["offline", "sending", "signed-out", "unsaved"].includes(hitForm.currentNotice())) hitForm.showNotice(null);
      storeLocally(hitForm.read());
      if (isDirty()) schedule(SAVE_DELAY_MS);
      saved.hidden = isDirty();
    } else if (outcome === "merged") {
      schedule(0);
    } else if (outcome === "offline") {
      retryDelay = Math.min(MAX_RETRY_DELAY_MS, retryDelay * 2 || 1000);
      hitForm.showNotice("offline");
      schedule(retryDelay);
    } else {
      isClosed = outcome === "closed";
      hitForm.showNotice(outcome); // signed out: the next change tries again, perhaps signed in elsewhere
    }
    if (isHeld) submitHeld(outcome);
  };

  // A submit is held until the draft is saved: nothing is lost without a connection, and the worker
  // sees what another tab changed before it counts.
  let [isHeld, isSending, submitter] = [false, false, null];
  const submitHeld = (outcome) => {
    if (outcome === "offline") {
      hitForm.showNotice("sending");
    } else if (outcome === "merged" || outcome === "signed-out") {
      isHeld = false; // the worker checks the merged form first, or enters again
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

  const onChange = () => {
    const now = hitForm.read();
    // Leaving a text field fires "change" after its "input" events, with the same text.
    if (isClosed || hitForm.isSame(now, last)) return;
    last = now;
    saved.hidden = true;
    if (["merged", "conflict"].includes(hitForm.currentNotice())) hitForm.showNotice(null);
    storeLocally(now);
    schedule(retryDelay || SAVE_DELAY_MS);
  };
  form.addEventListener("input", onChange);
  form.addEventListener("change", onChange);
  form.querySelector("[data-theirs]").addEventListener("click", () => {
    hitForm.write({ ...theirs, marked: hitForm.read().marked, view: hitForm.read().view });
    onChange();
  });
  addEventListener("online", () => schedule(0));
  document.addEventListener("visibilitychange", async () => {
    if (isSending || isClosed) return;
    if (document.hidden) {
      if (isDirty()) save();
      return;
    }
    const response = await request().catch(() => null); // another tab may have saved
    const newer = response?.ok ? await response.json() : null;
    if (newer?.revision > revision && !saving && mergeIn(newer) && isDirty()) schedule(0);
  });

  // A draft of another assignment is removed once the server says that it was submitted or skipped.
  const removeIfDone = async (other) => {
    const url = form.dataset.draftUrl.replace(form.dataset.key, other.slice(PREFIX.length));
    const response = await fetch(url, { method: "HEAD", credentials: "same-origin" }).catch(() => null);
    if (response?.status === GONE) removeLocal(other);
  };
  try {
    Object.keys(localStorage)
      .filter((key) => key.startsWith(PREFIX) && key !== name)
      .forEach(removeIfDone);
  } catch { /* forbidden */ }

  const server = JSON.parse(form.dataset.draft);
  if (server) {
    // Older drafts have no second group and no remark.
    [revision, base] = [server.revision, { second_group: null, remark: "", ...server.content }];
    hitForm.write({ ...hitForm.read(), views: base.views });
  }
  // A page that comes back with an error already has what was submitted, which is newer.
  const mine = "fresh" in form.dataset && loadLocal();
  if (mine?.revision > revision) { // saved while this page was loading
    [revision, base] = [mine.revision, mine.base];
    hitForm.write(mine.content);
  } else if (mine) {
    hitForm.write(hitForm.merge(mine.base, mine.content, base).merged);
  }
  last = hitForm.read();
  saved.hidden = !server || isDirty();
  if (isDirty()) schedule(0);
}

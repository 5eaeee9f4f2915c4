// Retries pictures that did not load, hides and reports pictures, and holds a submit until every
// picture has loaded or is hidden and the server has all reports.
{
  const form = document.getElementById("hit");
  const grid = document.getElementById("pictures");
  const tiles = [...grid.querySelectorAll(".tile")];
  const RETRY_DELAYS_MS = [500, 2000]; // automatic retries; then the worker gets a button
  const tries = new Map();
  let submitter = null;
  let pendingReports = 0; // pictures hidden or shown again that the server does not know of yet

  const images = (tile) => [...tile.querySelectorAll(".picture img")];
  const isHidden = (tile) => tile.classList.contains("is-hidden");
  const isLoaded = (tile) => images(tile).every((image) => image.complete && image.naturalWidth);
  const failed = () => tiles.filter((tile) => tile.classList.contains("is-failed") && !isHidden(tile));
  const missing = () => tiles.filter((tile) => !isHidden(tile) && !isLoaded(tile));
  const text = (key, tile) => grid.dataset[key].replace("NUMBER", tiles.indexOf(tile) + 1);

  // Loading
  const load = (tile) => {
    tile.classList.remove("is-failed");
    tile.querySelector("[data-retry-one]")?.remove();
    images(tile).forEach((image) => {
      if (!image.naturalWidth) image.src = image.src; // requests it again
    });
  };
  const fail = (tile) => {
    const count = tries.get(tile) ?? 0;
    if (count < 0) return; // a retry is scheduled
    if (count < RETRY_DELAYS_MS.length) {
      tries.set(tile, -1);
      setTimeout(() => { tries.set(tile, count + 1); load(tile); }, RETRY_DELAYS_MS[count]);
      return;
    }
    if (tile.classList.contains("is-failed")) return;
    tile.classList.add("is-failed");
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "retry", textContent: grid.dataset.retry });
    button.dataset.retryOne = "";
    button.addEventListener("click", () => load(tile));
    tile.append(button);
    if (!hitForm.currentNotice()) hitForm.showNotice("failed");
  };
  const submitIfReady = () => {
    if (hitForm.currentNotice() === "failed" && !failed().length) hitForm.showNotice(null);
    if (submitter && !missing().length && sheet !== "loading" && !pendingReports) {
      hitForm.showNotice(null);
      const button = submitter;
      submitter = null;
      form.requestSubmit(button);
    }
  };
  grid.addEventListener("load", submitIfReady, true);
  grid.addEventListener("error", (event) => fail(event.target.closest(".tile")), true);

  // Without the sheet of masks no picture shows its region.
  const link = document.querySelector('link[rel="preload"][as="image"]');
  let sheet = link ? "loading" : "loaded";
  if (link) {
    const image = new Image();
    image.crossOrigin = "anonymous";
    image.onload = () => { sheet = "loaded"; submitIfReady(); };
    image.onerror = () => { sheet = "failed"; hitForm.showNotice("sheet"); };
    image.src = link.href;
  }
  form.querySelector("[data-reload]").addEventListener("click", () => location.reload());

  // Hiding. A preview sends no reports.
  let reportQueue = Promise.resolve(); // sends reports in the order of the clicks
  const report = (tile, fields) => {
    if (!form.dataset.hideUrl) return;
    const body = new FormData();
    body.append("slot", tile.querySelector("input").value);
    Object.entries(fields).forEach(([key, value]) => body.append(key, value));
    const send = () => fetch(form.dataset.hideUrl, {
      method: "POST",
      body,
      keepalive: true,
      credentials: "same-origin",
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    });
    pendingReports += 1;
    reportQueue = reportQueue.then(() => sendUntilReceived(send));
  };
  const sendUntilReceived = async (send) => {
    const isReceived = async () => { try { return (await send()).status < 500; } catch { return false; } };
    while (!await isReceived()) {
      hitForm.showNotice(submitter ? "sending" : "offline");
      await new Promise((done) => { setTimeout(done, RETRY_DELAYS_MS.at(-1)); });
    }
    pendingReports -= 1;
    if (["offline", "sending"].includes(hitForm.currentNotice())) hitForm.showNotice(null);
    submitIfReady();
  };
  const update = (tile) => {
    const [button, box] = [tile.querySelector(".hide"), tile.querySelector("input")];
    button.name = isHidden(tile) ? "show" : "hide";
    button.firstElementChild.textContent = text(button.name, tile);
    box.toggleAttribute("aria-disabled", isHidden(tile));
    if (isHidden(tile)) box.setAttribute("aria-disabled", "true");
  };
  const hide = (tile) => {
    const why = isLoaded(tile) ? "hidden" : "not loaded";
    const box = tile.querySelector("input");
    tile.classList.add("is-hidden");
    update(tile);
    box.checked = false;
    box.dispatchEvent(new Event("change", { bubbles: true }));
    report(tile, { why });
    submitIfReady();
  };
  const show = (tile) => {
    tile.classList.remove("is-hidden");
    update(tile);
    report(tile, { show: "" });
    form.dispatchEvent(new CustomEvent("restored"));
  };
  // In an answer that is being changed the same pictures are judged as at first.
  const canHide = !("change" in form.dataset);
  const toggle = (tile) => canHide && (isHidden(tile) ? show(tile) : hide(tile));

  tiles.forEach((tile) => {
    const button = tile.querySelector(".hide");
    button.tabIndex = -1; // the grid is one tab stop; the shortcut h does the same
    button.addEventListener("click", (event) => {
      event.preventDefault();
      toggle(tile);
      tile.querySelector("input").focus();
    });
    update(tile);
  });
  // A hidden picture cannot be marked.
  grid.addEventListener("click", (event) => {
    if (event.target.matches("input") && isHidden(event.target.closest(".tile"))) event.preventDefault();
  });
  form.querySelector("[data-hide-failed]").addEventListener("click", () => canHide && failed().forEach(hide));
  form.querySelector("[data-retry-all]").addEventListener("click", () => {
    hitForm.showNotice(null);
    failed().forEach(load);
  });

  // Captures the event before hit-draft.js sees it.
  form.addEventListener("submit", (event) => {
    if (!missing().length && sheet === "loaded" && !pendingReports) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    submitter = event.submitter;
    if (sheet === "failed") hitForm.showNotice("sheet");
    else if (missing().length || sheet === "loading") hitForm.showNotice(failed().length ? "failed" : "waiting");
  }, true);

  tiles.filter((tile) => images(tile).some((image) => image.complete && !image.naturalWidth)).forEach(fail);
}

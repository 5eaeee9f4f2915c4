// Pictures that did not load are tried again; any picture can be hidden and reported; and submit
// waits until every picture is there or hidden, and the server knows what was hidden.
{
  const form = document.getElementById("hit");
  const grid = document.getElementById("pictures");
  const tiles = [...grid.querySelectorAll(".tile")];
  const AGAIN_AFTER_MS = [500, 2000]; // by itself; then the worker is asked
  const tries = new Map();
  let submitter = null;
  let untold = 0; // what was hidden or shown again and the server does not know yet

  const images = (tile) => [...tile.querySelectorAll(".picture img")];
  const isHidden = (tile) => tile.classList.contains("is-hidden");
  const isThere = (tile) => images(tile).every((image) => image.complete && image.naturalWidth);
  const failed = () => tiles.filter((tile) => tile.classList.contains("is-failed") && !isHidden(tile));
  const missing = () => tiles.filter((tile) => !isHidden(tile) && !isThere(tile));
  const text = (key, tile) => grid.dataset[key].replace("NUMBER", tiles.indexOf(tile) + 1);

  // Loading
  const load = (tile) => {
    tile.classList.remove("is-failed");
    tile.querySelector("[data-retry-one]")?.remove();
    images(tile).forEach((image) => {
      if (!image.naturalWidth) image.src = image.src; // asks again
    });
  };
  const fail = (tile) => {
    const count = tries.get(tile) ?? 0;
    if (count < 0) return; // its next try is on the way
    if (count < AGAIN_AFTER_MS.length) {
      tries.set(tile, -1);
      setTimeout(() => { tries.set(tile, count + 1); load(tile); }, AGAIN_AFTER_MS[count]);
      return;
    }
    if (tile.classList.contains("is-failed")) return;
    tile.classList.add("is-failed");
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "retry", textContent: grid.dataset.retry });
    button.dataset.retryOne = "";
    button.addEventListener("click", () => load(tile));
    tile.append(button);
    if (!said.noticed()) said.notice("failed");
  };
  const settled = () => {
    if (said.noticed() === "failed" && !failed().length) said.notice(null);
    if (submitter && !missing().length && sheet !== "loading" && !untold) {
      said.notice(null);
      const button = submitter;
      submitter = null;
      form.requestSubmit(button);
    }
  };
  grid.addEventListener("load", settled, true);
  grid.addEventListener("error", (event) => fail(event.target.closest(".tile")), true);

  // The sheet of masks: without it no picture shows its region.
  const link = document.querySelector('link[rel="preload"][as="image"]');
  let sheet = link ? "loading" : "there";
  if (link) {
    const image = new Image();
    image.crossOrigin = "anonymous";
    image.onload = () => { sheet = "there"; settled(); };
    image.onerror = () => { sheet = "failed"; said.notice("sheet"); };
    image.src = link.href;
  }
  form.querySelector("[data-reload]").addEventListener("click", () => location.reload());

  // Hiding. In a preview there is nobody to report to.
  let told = Promise.resolve(); // in the order of the clicks
  const report = (tile, what) => {
    if (!form.dataset.hideUrl) return;
    const body = new FormData();
    body.append("slot", tile.querySelector("input").value);
    Object.entries(what).forEach(([key, value]) => body.append(key, value));
    const send = () => fetch(form.dataset.hideUrl, {
      method: "POST",
      body,
      keepalive: true,
      credentials: "same-origin",
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    });
    untold += 1;
    told = told.then(() => untilTold(send));
  };
  const untilTold = async (send) => {
    const isTold = async () => { try { return (await send()).status < 500; } catch { return false; } };
    while (!await isTold()) {
      said.notice(submitter ? "sending" : "offline");
      await new Promise((again) => { setTimeout(again, AGAIN_AFTER_MS.at(-1)); });
    }
    untold -= 1;
    if (["offline", "sending"].includes(said.noticed())) said.notice(null);
    settled();
  };
  const dress = (tile) => {
    const [button, box] = [tile.querySelector(".hide"), tile.querySelector("input")];
    button.name = isHidden(tile) ? "show" : "hide";
    button.firstElementChild.textContent = text(button.name, tile);
    box.toggleAttribute("aria-disabled", isHidden(tile));
    if (isHidden(tile)) box.setAttribute("aria-disabled", "true");
  };
  const hide = (tile) => {
    const why = isThere(tile) ? "hidden" : "not loaded";
    const box = tile.querySelector("input");
    tile.classList.add("is-hidden");
    dress(tile);
    box.checked = false;
    box.dispatchEvent(new Event("change", { bubbles: true }));
    report(tile, { why });
    settled();
  };
  const show = (tile) => {
    tile.classList.remove("is-hidden");
    dress(tile);
    report(tile, { show: "" });
    form.dispatchEvent(new CustomEvent("restored"));
  };
  const toggle = (tile) => (isHidden(tile) ? show(tile) : hide(tile));

  tiles.forEach((tile) => {
    const button = tile.querySelector(".hide");
    button.tabIndex = -1; // the grid is one tab stop; the key h does the same
    button.addEventListener("click", (event) => {
      event.preventDefault();
      toggle(tile);
      tile.querySelector("input").focus();
    });
    dress(tile);
  });
  // What is hidden cannot be marked.
  grid.addEventListener("click", (event) => {
    if (event.target.matches("input") && isHidden(event.target.closest(".tile"))) event.preventDefault();
  });
  form.querySelector("[data-hide-failed]").addEventListener("click", () => failed().forEach(hide));
  form.querySelector("[data-retry-all]").addEventListener("click", () => {
    said.notice(null);
    failed().forEach(load);
  });

  // Before the draft sees it.
  form.addEventListener("submit", (event) => {
    if (!missing().length && sheet === "there" && !untold) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    submitter = event.submitter;
    if (sheet === "failed") said.notice("sheet");
    else if (missing().length || sheet === "loading") said.notice(failed().length ? "failed" : "waiting");
  }, true);

  tiles.filter((tile) => images(tile).some((image) => image.complete && !image.naturalWidth)).forEach(fail);
}

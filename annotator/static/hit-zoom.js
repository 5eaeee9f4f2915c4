// Enlarges a picture of the HIT page around its region, or in full. The large file is loaded on
// demand. The brightness around regions is remembered in this browser.
{
  const form = document.getElementById("hit");
  const tiles = [...document.querySelectorAll("#pictures .tile")];
  const dialog = document.getElementById("zoom");
  const picture = dialog.querySelector("[data-picture]");
  const title = document.getElementById("zoom-title");
  const markButton = dialog.querySelector("[data-mark]");
  const fullButton = dialog.querySelector("[data-full]");
  const brightness = dialog.querySelector("[data-brightness]");
  const STORAGE_KEY = "unitscope:brightness";
  const isCut = document.getElementById("pictures").classList.contains("view-crop");
  let at = 0;
  let isFull = !fullButton; // whether all of the picture is shown, or the crop around its region

  const box = () => tiles[at].querySelector("input");
  const views = () => [...form.querySelectorAll('input[name="view"]')];

  const fill = (url) => picture.querySelectorAll("img").forEach((image) => { image.src = url; });
  const isHidden = (tile) => tile.classList.contains("is-hidden");
  // Skips hidden pictures; closes the dialog if all are hidden.
  const show = (number, step = 1) => {
    if (tiles.every(isHidden)) return dialog.close();
    at = (number + tiles.length) % tiles.length;
    if (isHidden(tiles[at])) return show(at + step, step);
    const tile = tiles[at];
    picture.className = tile.querySelector(".picture").className;
    // The tile stands in for the large picture until that has loaded, if both show the same.
    if (isCut) picture.querySelectorAll("img").forEach((image) => image.removeAttribute("src"));
    else fill(tile.querySelector("img").src);
    const large = new Image();
    large.onload = () => { if (tile === tiles[at]) fill(large.src); };
    large.src = tile.querySelector("[data-zoom]").href;
    title.textContent = title.dataset.title.replace("NUMBER", at + 1).replace("COUNT", tiles.length);
    return refresh();
  };
  const refresh = () => {
    picture.classList.toggle("is-full", isFull);
    fullButton?.setAttribute("aria-pressed", isFull);
    markButton.setAttribute("aria-pressed", box().checked);
    const view = views().find((input) => input.checked)?.value;
    dialog.querySelectorAll("[data-view]").forEach((button) => {
      button.setAttribute("aria-pressed", button.dataset.view === view);
    });
  };
  const change = (input, checked) => {
    input.checked = checked;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    refresh();
  };
  const toggleFull = () => {
    isFull = !fullButton || !isFull;
    refresh();
  };
  const setBrightness = (percent) => {
    form.style.setProperty("--brightness", percent / 100);
    brightness.value = percent;
  };
  const toggle = () => change(box(), !box().checked);
  const nextView = () => {
    const all = views();
    const next = all[(all.findIndex((input) => input.checked) + 1) % all.length];
    if (next) change(next, true);
  };

  document.getElementById("pictures").addEventListener("click", (event) => {
    const loupe = event.target.closest("[data-zoom]");
    if (!loupe || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (isHidden(loupe.closest(".tile"))) return;
    isFull = !fullButton;
    show(tiles.indexOf(loupe.closest(".tile")));
    dialog.showModal();
    markButton.focus();
  });
  markButton.addEventListener("click", toggle);
  fullButton?.addEventListener("click", toggleFull);
  let stored = null;
  try { stored = localStorage.getItem(STORAGE_KEY); } catch { /* a browser may refuse it */ }
  if (brightness && Number(stored)) setBrightness(Number(stored));
  brightness?.addEventListener("input", () => {
    setBrightness(brightness.value);
    try { localStorage.setItem(STORAGE_KEY, brightness.value); } catch { /* refused */ }
  });
  const hide = () => {
    tiles[at].querySelector(".hide").click();
    show(at + 1);
    dialog.querySelector("[data-hide-zoomed]").focus();
  };
  dialog.querySelector("[data-hide-zoomed]").addEventListener("click", hide);
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => box().focus());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // a click on the backdrop
    const { step, view } = event.target.dataset;
    if (step) show(at + Number(step), Number(step));
    if (view) change(views().find((input) => input.value === view), true);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.target === brightness && event.key.startsWith("Arrow")) return;
    const shortcuts = {
      ArrowLeft: () => show(at - 1, -1),
      ArrowRight: () => show(at + 1),
      x: toggle,
      h: hide,
      v: nextView,
      f: toggleFull,
      z: () => dialog.close(),
    };
    const isAllowed = event.key.length > 1 || document.querySelector("[data-single-keys]").checked;
    const action = isAllowed && !event.ctrlKey && !event.metaKey && shortcuts[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

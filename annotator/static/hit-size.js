// The size of the pictures in the grid, remembered in this browser.
{
  const form = document.getElementById("hit");
  const grid = document.getElementById("pictures");
  const buttons = [...form.querySelectorAll("[data-size]")];
  const STORAGE_KEY = "unitscope:size";
  const MAX_SIZE = 3;
  let size = 1;

  const set = (newSize) => {
    grid.classList.remove(`size-${size}`);
    size = Math.min(MAX_SIZE, Math.max(1, newSize));
    grid.classList.add(`size-${size}`);
    buttons.forEach((button) => { button.disabled = size === (button.dataset.size === "1" ? MAX_SIZE : 1); });
    try { localStorage.setItem(STORAGE_KEY, size); } catch { /* a browser may refuse it */ }
  };
  const step = (by) => {
    const focused = document.activeElement?.closest(".tile");
    set(size + by);
    focused?.scrollIntoView({ block: "center" });
  };
  buttons.forEach((button) => button.addEventListener("click", () => step(Number(button.dataset.size))));
  form.querySelector(".sizes").hidden = false;
  let stored = null;
  try { stored = localStorage.getItem(STORAGE_KEY); } catch { /* refused */ }
  set(Number(stored) || 1);
}

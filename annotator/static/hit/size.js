// The size of the pictures in the grid, remembered in this browser.
import { MAX_SIZE, withinSizes } from "./moves.js";
import { find, form, grid, remember, remembered, tileOf } from "./page.js";

const STORAGE_KEY = "unitscope:size";
const buttons = /** @type {HTMLButtonElement[]} */ ([...form.querySelectorAll("[data-size]")]);
let size = 1;

export function startSizes() {
  buttons.forEach((button) => {
    button.addEventListener("click", () => step(Number(button.dataset.size)));
  });
  find(".sizes").hidden = false;
  set(Number(remembered(STORAGE_KEY)));
}

/** @param {number} by */
function step(by) {
  const focused = tileOf(document.activeElement);
  set(size + by);
  focused?.scrollIntoView({ block: "center" });
}

/** @param {number} newSize */
function set(newSize) {
  grid.classList.remove(`size-${size}`);
  size = withinSizes(newSize);
  grid.classList.add(`size-${size}`);
  buttons.forEach((button) => {
    button.disabled = size === (button.dataset.size === "1" ? MAX_SIZE : 1);
  });
  remember(STORAGE_KEY, String(size));
}

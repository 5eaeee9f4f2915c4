// On phones a bar at the bottom has the name, group, count and submit button; the groups open above
// it.
import { chosen, find, form, radios } from "./page.js";

const CLOSE_DELAY_MS = 150; // after a tap, to let the choice be seen

export function startPhoneBar() {
  document.documentElement.classList.add("scripted");
  const panel = document.getElementById("group-panel");
  if (panel) startPanel(panel); // a HIT that verifies a concept has no groups
}

/** @param {HTMLElement} panel */
function startPanel(panel) {
  const open = find("[data-group-open]");
  const close = find("[data-group-close]");
  const inputs = [...panel.querySelectorAll("input")];
  const label = open.textContent ?? "";
  const isOpen = () => panel.classList.contains("is-open");
  /** @type {(isNowOpen: boolean) => void} */
  const toggle = (isNowOpen) => {
    panel.classList.toggle("is-open", isNowOpen);
    open.setAttribute("aria-expanded", String(isNowOpen));
    (isNowOpen ? inputs.find((input) => input.checked) ?? inputs[0] : open).focus();
  };
  const refresh = () => { open.textContent = summary() ?? label; };

  [open, close].forEach((button) => { button.hidden = false; });
  open.addEventListener("click", () => toggle(!isOpen()));
  close.addEventListener("click", () => toggle(false));
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen()) toggle(false);
  });
  // A tap on a group chooses it and closes the panel; arrow keys only move over the groups.
  panel.addEventListener("click", ({ detail, target }) => {
    const isTap = detail > 0 && target instanceof Element && target.closest(".card");
    if (isTap && isOpen()) setTimeout(() => toggle(false), CLOSE_DELAY_MS);
  });
  form.addEventListener("change", refresh);
  form.addEventListener("restored", refresh);
  form.addEventListener("groupless", () => { if (open.checkVisibility()) toggle(true); });
  refresh();
  if (!find('[data-error="group"]', panel).hidden) panel.classList.add("is-open");
}

/** @returns {string | null | undefined} what is chosen, in a word or two; none if nothing is */
function summary() {
  if (chosen("says") === "nothing") {
    const nothing = radios("says").find((radio) => radio.value === "nothing");
    return nothing?.closest("label")?.dataset.short;
  }
  const group = radios("group").find((radio) => radio.checked);
  return group?.closest(".card")?.querySelector("b")?.textContent;
}

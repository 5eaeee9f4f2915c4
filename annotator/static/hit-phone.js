// On phones a bar at the bottom has the name, group, count and submit button; the groups open above it.
document.documentElement.classList.add("scripted");
// A HIT that verifies a concept has no groups.
if (document.getElementById("group-panel")) {
  const form = document.getElementById("hit");
  const sheet = document.getElementById("group-panel");
  const open = form.querySelector("[data-group-open]");
  const close = form.querySelector("[data-group-close]");
  const label = open.textContent;

  const toggle = (isOpen) => {
    sheet.classList.toggle("is-open", isOpen);
    open.setAttribute("aria-expanded", isOpen);
    (isOpen ? sheet.querySelector("input:checked") ?? sheet.querySelector("input") : open).focus();
  };
  const refresh = () => {
    const says = form.querySelector('input[name="says"]:checked')?.value;
    const group = form.querySelector('input[name="group"]:checked')?.closest(".card");
    const nothing = form.querySelector('input[name="says"][value="nothing"]').closest("label");
    const text = says === "nothing" ? nothing.dataset.short : group?.querySelector("b").textContent;
    open.textContent = text ?? label;
  };

  [open, close].forEach((button) => { button.hidden = false; });
  open.addEventListener("click", () => toggle(!sheet.classList.contains("is-open")));
  close.addEventListener("click", () => toggle(false));
  sheet.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && sheet.classList.contains("is-open")) toggle(false);
  });
  // A tap on a group chooses it and closes the sheet; arrow keys only move over the groups.
  sheet.addEventListener("click", (event) => {
    const tapped = event.detail > 0 && event.target.closest(".card");
    if (tapped && sheet.classList.contains("is-open")) setTimeout(() => toggle(false), 150);
  });
  form.addEventListener("change", refresh);
  form.addEventListener("restored", refresh);
  refresh();
  const hasError = () => !sheet.querySelector('[data-error="group"]').hidden;
  form.addEventListener("groupless", () => { if (open.checkVisibility()) toggle(true); });
  if (hasError()) sheet.classList.add("is-open");
}

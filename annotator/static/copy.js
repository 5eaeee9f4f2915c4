// Buttons that copy the text of a field. Without JavaScript they stay hidden; the field can be read.

const LABEL_MS = 2000; // how long a button says that the text is copied

/** @param {HTMLButtonElement} button */
function startCopying(button) {
  const { copy = "", copied = "" } = button.dataset;
  const field = /** @type {HTMLInputElement} */ (document.getElementById(copy));
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy"); // without a secure address there is no clipboard
    }
    button.textContent = copied;
    setTimeout(() => { button.textContent = label; }, LABEL_MS);
  });
}

const buttons = /** @type {HTMLButtonElement[]} */ ([...document.querySelectorAll("[data-copy]")]);
buttons.forEach(startCopying);

export {}; // a module

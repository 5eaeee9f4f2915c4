// The instructions in a dialog, within reach from anywhere on the page.
import { find, findButton, findDialog } from "./page.js";

export function startInstructions() {
  const dialog = findDialog("how");
  const button = find("[data-how]");
  const body = find("[data-how-body]", dialog);
  button.hidden = false;
  button.addEventListener("click", () => {
    if (!body.childElementCount) body.append(find("#instructions dl", document).cloneNode(true));
    dialog.showModal();
  });
  findButton("[data-close]", dialog).addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", ({ target }) => { if (target === dialog) dialog.close(); });
}

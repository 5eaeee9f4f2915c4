// The instructions in a dialog, within reach from anywhere on the page.
{
  const form = document.getElementById("hit");
  const dialog = document.getElementById("how");
  const button = form.querySelector("[data-how]");
  const body = dialog.querySelector("[data-how-body]");

  const open = () => {
    if (!body.childElementCount) body.append(document.querySelector("#instructions dl").cloneNode(true));
    dialog.showModal();
  };
  button.hidden = false;
  button.addEventListener("click", open);
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}

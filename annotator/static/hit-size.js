// How large the pictures of the grid are; kept in this browser.
{
  const form = document.getElementById("hit");
  const grid = document.getElementById("pictures");
  const buttons = [...form.querySelectorAll("[data-size]")];
  const KEPT = "unitscope:size";
  const LARGEST = 3;
  let size = 1;

  const set = (wanted) => {
    grid.classList.remove(`size-${size}`);
    size = Math.min(LARGEST, Math.max(1, wanted));
    grid.classList.add(`size-${size}`);
    buttons.forEach((each) => { each.disabled = size === (each.dataset.size === "1" ? LARGEST : 1); });
    try { localStorage.setItem(KEPT, size); } catch { /* a browser may refuse it */ }
  };
  const step = (by) => {
    const looked = document.activeElement?.closest(".tile");
    set(size + by);
    looked?.scrollIntoView({ block: "center" }); // what one looked at stays in sight
  };
  buttons.forEach((each) => each.addEventListener("click", () => step(Number(each.dataset.size))));
  form.querySelector(".sizes").hidden = false;
  let kept = null;
  try { kept = localStorage.getItem(KEPT); } catch { /* refused */ }
  set(Number(kept) || 1);
}

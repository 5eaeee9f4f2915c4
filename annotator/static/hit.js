// The grid of the HIT page: keyboard navigation within one tab stop, undo and redo of marks, and a
// counter for screen readers. Without JavaScript the plain form works too.
{
  const form = document.getElementById("hit");
  const grid = document.getElementById("pictures");
  const boxes = [...grid.querySelectorAll("input[name=marked]")];
  const counter = form.querySelector("[data-counter]");
  const [undo, redo] = ["undo", "redo"].map((name) => form.querySelector(`[data-${name}]`));
  const markAllButton = form.querySelector("[data-mark-all]");
  const barCount = form.querySelector("[data-bar-count]");
  const concept = document.getElementById("concept");
  const keys = document.getElementById("keys");
  const singleKeys = keys.querySelector("[data-single-keys]");
  const ROWS_PER_PAGE = 3;
  const tooFew = form.querySelector("[data-least]");
  const isHidden = (box) => box.closest(".tile").classList.contains("is-hidden");

  // The counter
  const count = () => {
    const marked = boxes.filter((box) => box.checked).length;
    const all = boxes.filter((box) => !isHidden(box)).length;
    const text = counter.dataset.counter.replace("MARKED", marked).replace("COUNT", all);
    // Written only on a change, since screen readers announce every write.
    if (counter.textContent !== text) counter.textContent = text;
    barCount.textContent = `${marked}/${all}`;
    tooFew.hidden = all >= Number(tooFew.dataset.least);
    return marked;
  };

  // Undo and redo. A step is a list of [check box, checked]: one picture, or all that were marked at once.
  const done = [];
  const undone = [];
  let step = null; // the step that markAll is recording
  let replaying = false;
  const mark = (box, checked = !box.checked) => {
    if (isHidden(box) || box.checked === checked) return;
    box.checked = checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const replay = (from, to, asDone) => {
    const marks = from.pop();
    if (!marks) return;
    to.push(marks);
    replaying = true;
    marks.forEach(([box, checked]) => mark(box, checked === asDone));
    replaying = false;
    if (marks.length === 1) marks[0][0].focus();
    refresh();
  };
  const undoStep = () => replay(done, undone, false);
  const redoStep = () => replay(undone, done, true);
  const refresh = () => {
    undo.disabled = !done.length;
    redo.disabled = !undone.length;
    const all = count() && boxes.every((box) => box.checked || isHidden(box));
    const { markAll, unmarkAll } = markAllButton.dataset;
    if (markAllButton.textContent !== (all ? unmarkAll : markAll)) {
      markAllButton.textContent = all ? unmarkAll : markAll;
    }
  };
  grid.addEventListener("change", ({ target }) => {
    if (!replaying && !isHidden(target)) {
      if (step) step.push([target, target.checked]);
      else done.push([[target, target.checked]]);
      undone.length = 0;
    }
    if (!step && !replaying) refresh();
  });
  // For sets where most pictures do not fit: mark all, then unmark the few that do.
  const markAll = () => {
    const wanted = boxes.some((box) => !box.checked && !isHidden(box));
    step = [];
    boxes.forEach((box) => mark(box, wanted));
    if (step.length) done.push(step);
    step = null;
    refresh();
  };
  markAllButton.addEventListener("click", markAll);
  form.addEventListener("restored", refresh);
  undo.addEventListener("click", undoStep);
  redo.addEventListener("click", redoStep);

  // Asks the worker to check the marks if the name changes after pictures were marked.
  const renamed = form.querySelector("[data-renamed]");
  let name = concept?.value.trim(); // a HIT that verifies a concept has no name field
  concept?.addEventListener("change", () => {
    const other = name && concept.value.trim() !== name;
    renamed.textContent = other && count() ? renamed.dataset.renamed : "";
    name = concept.value.trim();
  });
  if (renamed) grid.addEventListener("change", () => { renamed.textContent = ""; });

  // The grid is one tab stop: the picture focused last. The shortcut z opens the magnifier.
  const makeTabStop = (box) => boxes.forEach((each) => { each.tabIndex = each === box ? 0 : -1; });
  makeTabStop(boxes[0]);
  grid.querySelectorAll("[data-zoom]").forEach((loupe) => { loupe.tabIndex = -1; });
  grid.addEventListener("focusin", (event) => {
    if (boxes.includes(event.target)) makeTabStop(event.target);
  });

  const columns = () => getComputedStyle(grid).gridTemplateColumns.split(" ").length;
  const moves = {
    ArrowLeft: (at) => at - 1,
    ArrowRight: (at) => at + 1,
    ArrowUp: (at) => (at < columns() ? at : at - columns()),
    ArrowDown: (at) => (at + columns() < boxes.length ? at + columns() : at),
    Home: () => 0,
    End: () => boxes.length - 1,
    PageUp: (at) => (at < columns() ? at : Math.max(at % columns(), at - ROWS_PER_PAGE * columns())),
    PageDown: (at) => Math.min(at + ROWS_PER_PAGE * columns(), boxes.length - 1),
  };
  const choose = (name, value) => {
    const radio = form.querySelector(`input[name="${name}"][value="${value}"]`);
    if (!radio) return;
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const nextView = () => {
    const views = [...form.querySelectorAll('input[name="view"]')];
    const at = views.findIndex((view) => view.checked);
    if (views.length) choose("view", views[(at + 1) % views.length].value);
  };
  const shortcuts = {
    x: (box) => mark(box),
    a: markAll,
    z: (box) => box.closest(".tile").querySelector("[data-zoom]").click(),
    h: (box) => box.closest(".tile").querySelector(".hide").click(),
    v: nextView,
    n: () => concept?.focus(),
    i: () => form.querySelector("[data-how]").click(),
    "+": () => form.querySelector('[data-size="1"]').click(),
    "-": () => form.querySelector('[data-size="-1"]').click(),
    "?": () => keys.showModal(),
  };
  for (let group = 1; group <= 6; group += 1) shortcuts[group] = () => choose("group", group);
  // Shift with a digit types another character on every keyboard layout, so the key code counts.
  const second = form.elements.second_group;
  const chooseSecond = (code) => {
    const group = second && /^Digit[1-6]$/.test(code) && code.at(-1);
    if (!group) return false;
    second.value = second.value === group ? "" : group;
    second.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  };

  grid.addEventListener("keydown", (event) => {
    const at = boxes.indexOf(event.target);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = singleKeys.checked && shortcuts[event.key.toLowerCase()];
    if (moves[event.key]) {
      boxes[Math.min(Math.max(moves[event.key](at), 0), boxes.length - 1)].focus();
    } else if (event.key === "Enter") {
      mark(boxes[at]);
    } else if (singleKeys.checked && event.shiftKey && chooseSecond(event.code)) {
      // chooseSecond has done it
    } else if (action) {
      action(boxes[at]);
    } else {
      return;
    }
    event.preventDefault();
  });

  // Shortcuts with Ctrl work anywhere in the form, except that text fields undo their own typing.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === concept && !event.ctrlKey) {
      event.preventDefault(); // moves to the pictures instead of submitting
      boxes.find((box) => box.tabIndex === 0).focus();
    }
    if (!event.ctrlKey && !event.metaKey) return;
    const key = event.key.toLowerCase();
    if (key === "enter") {
      event.preventDefault();
      form.querySelector('[name="then"][value="next"]').click();
    } else if ((key === "z" || key === "y") && event.target.type !== "text") {
      event.preventDefault();
      if (key === "y" || event.shiftKey) redoStep();
      else undoStep();
    }
  });

  // The list of shortcuts, and the switch for single-letter ones.
  const STORAGE_KEY = "unitscope:single-keys";
  singleKeys.addEventListener("change", () => {
    localStorage.setItem(STORAGE_KEY, singleKeys.checked ? "on" : "off");
  });
  form.querySelector("[data-keys]").addEventListener("click", () => keys.showModal());
  keys.querySelector("[data-close]").addEventListener("click", () => keys.close());

  const needsScript = [undo, redo, markAllButton, barCount, form.querySelector("[data-keys]")];
  needsScript.forEach((each) => { each.hidden = false; });
  refresh();
  document.getElementById("look-again")?.focus();
  singleKeys.checked = localStorage.getItem(STORAGE_KEY) !== "off"; // last, since a browser may refuse access to storage
}

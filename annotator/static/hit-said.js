// What the form of a HIT page says, as data: read, written, merged. Also the notices about it.
const said = (() => {
  const form = document.getElementById("hit");
  const radios = { group: Number, says: String, view: String };
  const chosen = (name) => form.querySelector(`input[name="${name}"]:checked`)?.value;
  const number = (value) => (value ? Number(value) : null);
  const boxes = [...form.querySelectorAll("input[name=marked]")];
  // A HIT that verifies a given concept asks for neither name nor kind.
  const concept = document.getElementById("concept") ?? { value: "" };
  const second = form.elements.second_group ?? { value: "" };
  const FIELDS = ["concept", "group", "second_group", "says"];
  const views = new Set(); // used so far

  const read = () => {
    const view = chosen("view") ?? "whole";
    views.add(view);
    return {
      concept: concept.value,
      group: number(chosen("group")),
      second_group: number(second.value),
      says: chosen("says") ?? "given",
      view,
      views: [...views].sort(),
      marked: boxes.filter((box) => box.checked).map((box) => Number(box.value)).sort((a, b) => a - b),
    };
  };

  const write = (data) => {
    if (concept.value !== data.concept) concept.value = data.concept;
    second.value = data.second_group ?? "";
    Object.keys(radios).forEach((name) => {
      form.querySelectorAll(`input[name="${name}"]`).forEach((input) => {
        input.checked = radios[name](input.value) === data[name];
      });
    });
    data.views.forEach((view) => views.add(view));
    boxes.forEach((box) => {
      const isHidden = box.closest(".tile").classList.contains("is-hidden");
      box.checked = !isHidden && data.marked.includes(Number(box.value));
    });
    form.dispatchEvent(new CustomEvent("restored"));
  };

  // Databases may return the fields in another order.
  const inOrder = (data) => JSON.stringify(data, data?.concept === undefined ? null : Object.keys(data).sort());
  const same = (a, b) => inOrder(a) === inOrder(b);
  const all = (...lists) => [...new Set(lists.flat())];

  // Two sets of changes to one base. What only one side changed is taken from it; where both
  // did, mine stays and is named as a conflict. A mark is either there or not: no conflict.
  const merge = (base, mine, theirs) => {
    const pick = (field) => (same(mine[field], base[field]) ? theirs[field] : mine[field]);
    const has = (slot) => {
      const [before, here, there] = [base, mine, theirs].map((each) => each.marked.includes(slot));
      return here === before ? there : here;
    };
    const changed = (side, field) => !same(side[field], base[field]);
    return {
      merged: {
        concept: pick("concept"),
        group: pick("group"),
        second_group: pick("second_group"),
        says: pick("says"),
        view: mine.view,
        views: all(mine.views, theirs.views).sort(),
        marked: all(base.marked, mine.marked, theirs.marked).filter(has).sort((a, b) => a - b),
      },
      conflicts: FIELDS.filter((field) => (
        changed(mine, field) && changed(theirs, field) && !same(mine[field], theirs[field])
      )),
    };
  };

  // One notice at a time; none for null.
  const notices = [...form.querySelectorAll("[data-notice]")];
  const notice = (name) => notices.forEach((each) => { each.hidden = each.dataset.notice !== name; });
  const noticed = () => notices.find((each) => !each.hidden)?.dataset.notice;

  return { FIELDS, read, write, merge, same, notice, noticed };
})();

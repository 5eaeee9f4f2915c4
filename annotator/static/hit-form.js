// Reads, writes and merges the form of a HIT page as data, and shows notices about it.
const hitForm = (() => {
  const form = document.getElementById("hit");
  const radios = { group: Number, says: String, view: String };
  const chosen = (name) => form.querySelector(`input[name="${name}"]:checked`)?.value;
  const number = (value) => (value ? Number(value) : null);
  const boxes = [...form.querySelectorAll("input[name=marked]")];
  // A HIT that verifies a concept has no fields for name and group.
  const concept = document.getElementById("concept") ?? { value: "" };
  const second = form.elements.second_group ?? { value: "" };
  const { remark } = form.elements;
  const FIELDS = ["concept", "group", "second_group", "says", "remark"];
  const views = new Set(); // all views used so far

  const read = () => {
    const view = chosen("view") ?? "whole";
    views.add(view);
    return {
      concept: concept.value,
      group: number(chosen("group")),
      second_group: number(second.value),
      remark: remark.value,
      says: chosen("says") ?? "given",
      view,
      views: [...views].sort(),
      marked: boxes.filter((box) => box.checked).map((box) => Number(box.value)).sort((a, b) => a - b),
    };
  };

  const write = (data) => {
    if (concept.value !== data.concept) concept.value = data.concept;
    second.value = data.second_group ?? "";
    if (remark.value !== (data.remark ?? "")) remark.value = data.remark ?? "";
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

  // A database may return the keys in another order.
  const sorted = (data) => JSON.stringify(data, data?.concept === undefined ? null : Object.keys(data).sort());
  const isSame = (a, b) => sorted(a) === sorted(b);
  const union = (...lists) => [...new Set(lists.flat())];

  // Merges two sets of changes to one base. A field that only one side changed takes that side's
  // value; a field that both changed keeps mine and is listed as a conflict. Marks cannot conflict:
  // each is either set or not.
  const merge = (base, mine, theirs) => {
    const pick = (field) => (isSame(mine[field], base[field]) ? theirs[field] : mine[field]);
    const has = (slot) => {
      const [before, here, there] = [base, mine, theirs].map((each) => each.marked.includes(slot));
      return here === before ? there : here;
    };
    const changed = (side, field) => !isSame(side[field], base[field]);
    return {
      merged: {
        concept: pick("concept"),
        group: pick("group"),
        second_group: pick("second_group"),
        remark: pick("remark"),
        says: pick("says"),
        view: mine.view,
        views: union(mine.views, theirs.views).sort(),
        marked: union(base.marked, mine.marked, theirs.marked).filter(has).sort((a, b) => a - b),
      },
      conflicts: FIELDS.filter((field) => (
        changed(mine, field) && changed(theirs, field) && !isSame(mine[field], theirs[field])
      )),
    };
  };

  // Shows one notice and hides the others; null hides all.
  const notices = [...form.querySelectorAll("[data-notice]")];
  const showNotice = (name) => notices.forEach((each) => { each.hidden = each.dataset.notice !== name; });
  const currentNotice = () => notices.find((each) => !each.hidden)?.dataset.notice;

  return { FIELDS, read, write, merge, isSame, showNotice, currentNotice };
})();

// Finds what is missing or wrong in an answer before it is submitted, and says it in the sentences of
// the server, which stays the judge. A sentence goes away as soon as it is no longer true.
// A HIT that verifies a concept has nothing to check.
if (document.getElementById("concept")) {
  const form = document.getElementById("hit");
  const sentences = JSON.parse(form.dataset.sentences);
  const maxWords = Number(form.dataset.maxWords);
  const concept = document.getElementById("concept");
  const hasWords = /[\p{L}\p{N}]/u;

  const conceptError = (text) => {
    if (!hasWords.test(text)) return sentences.nameless;
    const count = text.trim().split(/\s+/).length;
    if (count <= maxWords) return "";
    return sentences.wordy.replace("%(most)s", maxWords).replace("%(count)s", count);
  };
  const errors = () => {
    const answer = hitForm.read();
    if (answer.says === "nothing") return { concept: "", group: "" };
    return { concept: conceptError(answer.concept), group: answer.group ? "" : sentences.groupless };
  };

  const show = (field, sentence) => {
    form.querySelectorAll(`p[data-error="${field}"]`).forEach((line) => {
      line.textContent = sentence;
      line.hidden = !sentence;
    });
    form.querySelectorAll(`li[data-error="${field}"]`).forEach((line) => { line.hidden = !sentence; });
    if (field === "concept") concept.setAttribute("aria-invalid", Boolean(sentence));
  };
  const focusOn = (field) => {
    if (field === "group") form.dispatchEvent(new CustomEvent("groupless")); // phones open the groups
    (field === "group" ? document.getElementById("group-1") : concept).focus();
  };

  // Captures the event before the scripts that hold a submit for pictures or for the draft.
  form.addEventListener("submit", (event) => {
    if (hitForm.currentNotice() === "closed") return; // submitted or skipped: the server says so
    const wrong = errors();
    Object.entries(wrong).forEach(([field, sentence]) => show(field, sentence));
    const first = Object.keys(wrong).find((field) => wrong[field]);
    if (!first) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    focusOn(first);
  }, true);

  const removeSolved = () => {
    const wrong = errors();
    Object.keys(wrong).forEach((field) => {
      const isShown = !form.querySelector(`p[data-error="${field}"]`).hidden;
      if (isShown) show(field, wrong[field]);
    });
    const summary = document.getElementById("look-again");
    const items = [...summary?.querySelectorAll("li") ?? []];
    if (items.length && items.every((item) => item.hidden)) summary.hidden = true;
  };
  ["input", "change", "restored"].forEach((type) => form.addEventListener(type, removeSolved));
}

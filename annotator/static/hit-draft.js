// What was entered on a HIT page survives a reload or a crash of this browser.
{
  const form = document.getElementById("hit");
  const PREFIX = "unitscope:draft:";
  const name = PREFIX + form.dataset.key;
  const kept = ["concept", "group", "says", "view", "looked_again", "marked"];

  const save = () => {
    const entries = [...new FormData(form)].filter(([field]) => kept.includes(field));
    localStorage.setItem(name, JSON.stringify(entries));
  };

  const restore = (entries) => {
    const said = (field, value) => entries.some(([f, v]) => f === field && v === value);
    for (const input of form.elements) {
      if (!kept.includes(input.name)) continue;
      if (input.type === "text") input.value = entries.find(([f]) => f === input.name)?.[1] ?? "";
      else input.checked = said(input.name, input.value);
    }
  };

  form.addEventListener("input", save);
  form.addEventListener("change", save);

  // Drafts of other assignments belong to answers that were given, or given back.
  Object.keys(localStorage)
    .filter((key) => key.startsWith(PREFIX) && key !== name)
    .forEach((key) => localStorage.removeItem(key));

  // A page that comes back with an error already holds what was sent, and that is newer.
  const draft = localStorage.getItem(name);
  if (draft && "fresh" in form.dataset) restore(JSON.parse(draft));
}

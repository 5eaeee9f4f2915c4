// The search page of a static site: filters the units of assets/units.js. The address keeps the
// question, as in search.html#q=car&detectors=1, so that a link shows the same units.
"use strict";

const PER_STEP = 60;
const form = document.getElementById("search");
const list = document.getElementById("matching");
const count = document.getElementById("count");
const more = document.getElementById("more");
let matching = [];

function asked() {
  return Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
}

function fill() {
  const address = new URLSearchParams(location.hash.slice(1));
  for (const field of form.elements) {
    if (field.type === "checkbox") field.checked = address.has(field.name);
    else if (field.name) field.value = address.get(field.name) ?? "";
  }
}

function matches([layer, , , name, precision, group, detects, , others], wish) {
  const part = (wish.q ?? "").trim().toLowerCase();
  return (!part || name.toLowerCase().includes(part) || others.toLowerCase().includes(part))
    && (wish.layer === undefined || layer === Number(wish.layer))
    && (wish.group === undefined || group === Number(wish.group))
    && (wish.above === undefined || (precision !== null && precision > Number(wish.above)))
    && (!wish.detectors || detects !== null);
}

// Units that are called by the word come before those that somebody also called so.
function compare(a, b, wish) {
  const part = (wish.q ?? "").trim().toLowerCase();
  if (wish.sort === "unit") return a[0] - b[0] || a[1] - b[1];
  if (wish.sort === "name") return (a[3] === "") - (b[3] === "") || a[3].localeCompare(b[3]) || a[0] - b[0] || a[1] - b[1];
  const isNamed = (row) => part !== "" && row[3].toLowerCase().includes(part);
  return isNamed(b) - isNamed(a) || (b[4] ?? -1) - (a[4] ?? -1) || a[0] - b[0] || a[1] - b[1];
}

function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function strip(folder, number, tiles) {
  const holder = element("div", "", `strip of-${tiles}`);
  for (let place = 1; place <= tiles; place += 1) {
    const tile = element("img", "", `t${place}`);
    tile.loading = "lazy";
    tile.alt = `Picture ${place} of this unit`;
    tile.src = `${folder}/${number}.jpg`;
    holder.append(tile);
  }
  return holder;
}

function called(name, precision, others) {
  const line = element("span");
  if (name) line.append(element("strong", name));
  else if (precision === null) line.append("no answers");
  else line.append(others ? `${others} ` : "", element("span", others ? "no consensus" : "nothing in common", "quiet"));
  return line;
}

function card([layer, number, tiles, name, precision, group, detects, isSupported, others]) {
  const [network, layerName, folder] = SITE.layers[layer];
  const item = element("li", "", "unit-card");
  const link = element("a");
  link.href = `${folder}/${number}.html`;
  if (tiles) link.append(strip(folder, number, tiles));
  link.append(called(name, precision, others));
  const facts = [`${layerName}, unit ${number}, ${network}`];
  if (precision !== null) facts.push(`precision ${precision.toFixed(3)}`);
  if (group) facts.push(SITE.groups[group].toLowerCase());
  const small = element("small", facts.join(" · "));
  if (detects !== null) {
    const sure = isSupported ? "supported" : "uncertain";
    const words = `object detector, consensus precision ${detects.toFixed(3)}, ${sure}`;
    small.append(" ", element("span", words, `badge ${sure}`));
  }
  item.append(link, small);
  if (name && others) item.append(element("small", `Also: ${others}`));
  return item;
}

function showMore() {
  const start = list.children.length;
  list.append(...matching.slice(start, start + PER_STEP).map(card));
  more.hidden = list.children.length >= matching.length;
}

function show() {
  const wish = asked();
  matching = SITE.units.filter((row) => matches(row, wish)).sort((a, b) => compare(a, b, wish));
  list.replaceChildren();
  count.textContent = `${matching.length.toLocaleString("en")} of ${SITE.units.length.toLocaleString("en")} units`;
  showMore();
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", () => {
  history.replaceState(null, "", `#${new URLSearchParams(asked())}`);
  show();
});
addEventListener("hashchange", () => { fill(); show(); });
more.addEventListener("click", showMore);
fill();
show();

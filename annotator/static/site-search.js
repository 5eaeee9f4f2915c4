// The search page of a static site: filters the units of assets/units.js. The address keeps the
// question, as in search.html#q=car&detectors=1, so that a link shows the same units.
//
// This is no module, unlike the other scripts: a site is also read from a disk, and browsers load no
// modules by file://.
"use strict";

/**
 * A unit, as annotator/results/output/site/search_index.py writes it: the number of its layer, its own,
 * how many tiles it has, its name ("" without one), precision, semantic group, precision as an
 * object detector, whether that is supported, the other names that it was given, and its held-out
 * precision where a second round looked.
 * @typedef {[layer: number, number: number, tiles: number, name: string, precision: number | null,
 *   group: number | null, detects: number | null, isSupported: boolean, others: string,
 *   heldOut: number | null]} Unit
 */
/** @typedef {[network: string, layer: string, folder: string]} Layer */
/** @typedef {Record<string, string>} Wish what is asked for, by the name of the field */

const site = /** @type {{units: Unit[], layers: Layer[], groups: Record<number, string>}} */ (
  Reflect.get(window, "SITE")
);
const PER_STEP = 60;
const form = /** @type {HTMLFormElement} */ (document.getElementById("search"));
const list = /** @type {HTMLElement} */ (document.getElementById("matching"));
const count = /** @type {HTMLElement} */ (document.getElementById("count"));
const more = /** @type {HTMLElement} */ (document.getElementById("more"));
/** @type {Unit[]} */
let matching = [];

/** @returns {Wish} */
function asked() {
  const fields = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
  return Object.fromEntries(fields.filter(([, value]) => value !== ""));
}

function fill() {
  const address = new URLSearchParams(location.hash.slice(1));
  for (const element of form.elements) {
    const field = /** @type {HTMLInputElement} */ (element);
    if (field.type === "checkbox") field.checked = address.has(field.name);
    else if (field.name) field.value = address.get(field.name) ?? "";
  }
}

/**
 * @param {Unit} unit
 * @param {Wish} wish
 * @returns {boolean}
 */
function matches([layer, , , name, precision, group, detects, , others], wish) {
  const part = (wish.q ?? "").trim().toLowerCase();
  return (!part || name.toLowerCase().includes(part) || others.toLowerCase().includes(part))
    && (wish.layer === undefined || layer === Number(wish.layer))
    && (wish.group === undefined || group === Number(wish.group))
    && (wish.above === undefined || (precision !== null && precision > Number(wish.above)))
    && (!wish.detectors || detects !== null);
}

/**
 * The order of two units. Those that are called by the word come before those that somebody also
 * called so.
 * @param {Unit} a
 * @param {Unit} b
 * @param {Wish} wish
 * @returns {number}
 */
function compare(a, b, wish) {
  const part = (wish.q ?? "").trim().toLowerCase();
  if (wish.sort === "unit") return a[0] - b[0] || a[1] - b[1];
  if (wish.sort === "name") return Number(a[3] === "") - Number(b[3] === "") || a[3].localeCompare(b[3]) || a[0] - b[0] || a[1] - b[1];
  /** @type {(row: Unit) => boolean} */
  const isNamed = (row) => part !== "" && row[3].toLowerCase().includes(part);
  return Number(isNamed(b)) - Number(isNamed(a)) || (b[4] ?? -1) - (a[4] ?? -1) || a[0] - b[0] || a[1] - b[1];
}

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} [text]
 * @param {string} [className]
 * @returns {HTMLElementTagNameMap[Name]}
 */
function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

/**
 * @param {string} folder
 * @param {number} number of the unit
 * @param {number} tiles
 */
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

/**
 * @param {string} name
 * @param {number | null} precision
 * @param {string} others
 */
function called(name, precision, others) {
  const line = element("span");
  if (name) line.append(element("strong", name));
  else if (precision === null) line.append("no answers");
  else line.append(others ? `${others} ` : "", element("span", others ? "no consensus" : "nothing in common", "quiet"));
  return line;
}

/** @param {Unit} unit */
function card([layer, number, tiles, name, precision, group, detects, isSupported, others, heldOut]) {
  const [network, layerName, folder] = site.layers[layer];
  const item = element("li", "", "unit-card");
  const link = element("a");
  link.href = `${folder}/${number}.html`;
  if (tiles) link.append(strip(folder, number, tiles));
  link.append(called(name, precision, others));
  const facts = [`${layerName}, unit ${number}, ${network}`];
  if (heldOut !== null) facts.push(`held-out precision ${heldOut.toFixed(3)}`);
  if (precision !== null) {
    const flattered = name && heldOut === null ? ", named and scored on the same pictures" : "";
    facts.push(`precision ${precision.toFixed(3)}${flattered}`);
  }
  if (group) facts.push(site.groups[group].toLowerCase());
  const small = element("small", facts.join(" · "));
  if (detects !== null) {
    const sure = isSupported ? "supported" : "uncertain";
    const line = element("span", "", "below");
    const badge = element("span", `object detector, ${sure}`, `badge ${sure}`);
    line.append(badge, " by consensus precision ", element("b", detects.toFixed(3)));
    small.append(" ", line);
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
  matching = site.units.filter((row) => matches(row, wish)).sort((a, b) => compare(a, b, wish));
  list.replaceChildren();
  count.textContent = `${matching.length.toLocaleString("en")} of ${site.units.length.toLocaleString("en")} units`;
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

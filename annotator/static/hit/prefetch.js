// Fetches the pictures of the HIT that probably comes next while the worker is on this one, so that
// it opens at once. Nothing is accepted or shown.
import { form, send } from "./page.js";

const PARALLEL_REQUESTS = 4;
const LOOK_AGAIN_MS = 500; // whether this page's own pictures have loaded

/** Starts with the worker's first change, and only when this page's own pictures have loaded. */
export function startPrefetch() {
  form.addEventListener("change", prefetchWhenLoaded, { once: true });
}

function prefetchWhenLoaded() {
  const images = [...form.querySelectorAll("img")].filter((image) => image.closest(".tile"));
  if (images.every((image) => image.complete)) prefetch();
  else setTimeout(prefetchWhenLoaded, LOOK_AGAIN_MS);
}

async function prefetch() {
  const { connection } = /** @type {{connection?: {saveData: boolean}}} */ (navigator);
  if (connection?.saveData) return;
  const response = await send(form.dataset.prefetchUrl).catch(() => null);
  if (!response?.ok) return;
  /** @type {string[]} */
  const urls = (await response.json()).pictures;
  const loadInTurn = async () => {
    for (let url = urls.shift(); url; url = urls.shift()) await load(url);
  };
  await Promise.all(Array.from({ length: PARALLEL_REQUESTS }, loadInTurn));
  form.dataset.prefetch = "done"; // for tests
}

/**
 * @param {string} url
 * @returns {Promise<unknown>} settled when the image has loaded, or cannot be
 */
function load(url) {
  return new Promise((done) => {
    const image = new Image();
    image.fetchPriority = "low";
    // The same request mode as the page's own, or the cached sheet would not be used.
    if (url.endsWith(".png")) image.crossOrigin = "anonymous";
    image.onload = done;
    image.onerror = done;
    image.src = url;
  });
}

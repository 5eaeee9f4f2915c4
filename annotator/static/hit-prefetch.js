// Fetches the pictures of the HIT that probably comes next while the worker is on this one, so that
// it opens at once. Nothing is accepted or shown.
{
  const form = document.getElementById("hit");
  const PARALLEL_REQUESTS = 4;

  const load = (url) => new Promise((done) => {
    const image = new Image();
    image.fetchPriority = "low";
    // The same request mode as the page's own, or the cached sheet would not be used.
    if (url.endsWith(".png")) image.crossOrigin = "anonymous";
    image.onload = done;
    image.onerror = done;
    image.src = url;
  });
  const prefetch = async () => {
    if (navigator.connection?.saveData) return;
    const response = await fetch(form.dataset.prefetchUrl, { credentials: "same-origin" }).catch(() => null);
    if (!response?.ok) return;
    const urls = (await response.json()).pictures;
    const loadInTurn = async () => { while (urls.length) await load(urls.shift()); };
    await Promise.all(Array.from({ length: PARALLEL_REQUESTS }, loadInTurn));
    form.dataset.prefetch = "done"; // for tests
  };
  // Starts with the worker's first change, and only when this page's own pictures have loaded.
  const allLoaded = () => [...form.querySelectorAll(".tile img")].every((image) => image.complete);
  const start = () => {
    if (!allLoaded()) { setTimeout(start, 500); return; }
    prefetch();
  };
  form.addEventListener("change", start, { once: true });
}

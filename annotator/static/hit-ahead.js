// The pictures of what probably comes next are fetched while this HIT is worked on, so that it is
// there at once. Nothing is accepted by it, and nothing shown.
{
  const form = document.getElementById("hit");
  const AT_ONCE = 4;

  const load = (url) => new Promise((done) => {
    const image = new Image();
    image.fetchPriority = "low";
    if (url.endsWith(".png")) image.crossOrigin = "anonymous"; // as the sheet is asked for
    image.onload = done;
    image.onerror = done;
    image.src = url;
  });
  const begin = async () => {
    if (navigator.connection?.saveData) return;
    const answer = await fetch(form.dataset.aheadUrl, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok) return;
    const urls = (await answer.json()).pictures;
    const one = async () => { while (urls.length) await load(urls.shift()); };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    form.dataset.ahead = "there"; // for whoever looks
  };
  // Not before somebody works, and not in the way of this page's own pictures.
  const loaded = () => [...form.querySelectorAll(".tile img")].every((image) => image.complete);
  const start = () => {
    if (!loaded()) { setTimeout(start, 500); return; }
    begin();
  };
  form.addEventListener("change", start, { once: true });
}

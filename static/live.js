// Keeps the parts of a page that are marked with `data-live` up to date. The value is the address to read them from
// (the page itself when it is empty); the part is found again by its id. The server says when something has changed.

const parts = () => [...document.querySelectorAll("[data-live][id]")];

async function refresh() {
  const wanted = new Map();
  for (const part of parts()) {
    const address = part.dataset.live || location.href;
    wanted.set(address, [...(wanted.get(address) ?? []), part]);
  }
  for (const [address, old] of wanted) {
    const answer = await fetch(address, { headers: { "x-live": "1" }, credentials: "same-origin" });
    if (!answer.ok) continue;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of old) {
      const fresh = page.getElementById(part.id);
      // Whoever types or holds the focus inside is not disturbed; the next change comes soon enough.
      if (!fresh || part.contains(document.activeElement) || fresh.isEqualNode(part)) continue;
      part.replaceWith(fresh);
    }
  }
}

let waiting = false;
async function soon() {
  if (waiting || document.hidden) return;
  waiting = true;
  await new Promise((done) => setTimeout(done, 150));
  waiting = false;
  await refresh().catch(() => {});
}

if (parts().length) {
  const events = new EventSource("/live");
  events.addEventListener("change", soon);
  document.addEventListener("visibilitychange", soon);
  // Ages ("12 minutes") grow without anything happening.
  setInterval(soon, 60_000);
}

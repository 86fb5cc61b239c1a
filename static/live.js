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

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// One refresh at a time, at most one a second, and none that nobody looks at.
let running = false;
let again = false;
async function soon() {
  again = true;
  if (running) return;
  running = true;
  while (again && !document.hidden) {
    again = false;
    await pause(150);
    await refresh().catch(() => {});
    await pause(850);
  }
  running = false;
}

// A browser keeps six connections to a server, for all its tabs together: only a page that is seen listens.
let events;
function listen() {
  if (document.hidden) {
    events?.close();
    events = undefined;
  } else if (!events) {
    events = new EventSource("/live");
    events.addEventListener("change", soon);
  }
}

if (parts().length) {
  listen();
  document.addEventListener("visibilitychange", () => {
    listen();
    soon();
  });
  // Ages ("12 minutes") grow without anything happening.
  setInterval(soon, 60_000);
}

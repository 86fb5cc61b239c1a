// The hall display: every call stays on the wall for at least six seconds, and the wall says so when it has lost
// its server. The page the server drew is right without this script; the script only keeps it right.

const SHOWN_MS_MIN = 6000;
const FRESH_MS = 5000;
const SILENCE_MS_MAX = 4000;

const board = document.querySelector("[data-board]");
const rows = board.querySelector("[data-calls]");
const sample = board.querySelector("template[data-call]");
const lost = board.querySelector("[data-lost]");
const rowsMax = Number(rows.dataset.max);

/** Calls that wait for a free row, oldest first. */
let waiting = [];
/** Ids of the calls the server holds now, newest first. */
let current = [];
let heardAt = performance.now();
const clock = board.querySelector("[data-clock]");
/** What is to be added to this machine's time to get the office's wall clock, read as if it were UTC. */
const clockAhead = Number(clock.dataset.wallMs) - Date.now();
let troubled = false;
let retry;

/** The call ids on the wall, with the time each was put there. */
const shownAt = new Map();
for (const row of rows.children) shownAt.set(row.dataset.id, 0);

function rowOf(call) {
  const row = sample.content.firstElementChild.cloneNode(true);
  row.dataset.id = call.id;
  row.dataset.ticket = call.number;
  row.querySelector("[data-number]").textContent = call.number;
  row.querySelector("[data-counter]").textContent = call.counter;
  row.classList.add("fresh");
  setTimeout(() => row.classList.remove("fresh"), FRESH_MS);
  return row;
}

function remove(row) {
  shownAt.delete(row.dataset.id);
  row.remove();
}

function stale(row, now) {
  return now - shownAt.get(row.dataset.id) >= SHOWN_MS_MIN;
}

/** Takes from the wall what the server no longer holds, once it has been seen long enough. */
function clear(now) {
  for (const row of [...rows.children]) {
    if (!current.includes(row.dataset.id) && stale(row, now)) remove(row);
  }
}

/** Puts one waiting call on top, if a row is free or the oldest has been seen long enough. */
function place(now) {
  const call = waiting[0];
  const same = [...rows.children].find((row) => row.dataset.ticket === call.number);
  const last = rows.lastElementChild;
  if (same) remove(same);
  else if (rows.children.length >= rowsMax) {
    if (!stale(last, now)) return false;
    remove(last);
  }
  waiting.shift();
  rows.prepend(rowOf(call));
  shownAt.set(call.id, now);
  return true;
}

function settle() {
  const now = performance.now();
  clear(now);
  while (waiting.length > 0 && place(now));
  board.toggleAttribute("data-empty", rows.children.length === 0);
}

function show(state) {
  current = state.calls.map((call) => call.id);
  const known = new Set([...shownAt.keys(), ...waiting.map((call) => call.id)]);
  const fresh = state.calls.filter((call) => !known.has(call.id)).slice(0, rowsMax * 2);
  waiting.push(...fresh.reverse());
  board.querySelector("[data-missed]").textContent = state.missed.join("   ");
  board.querySelector("[data-missed-strip]").hidden = state.missed.length === 0;
  board.querySelector("[data-waiting]").textContent = state.waiting;
  settle();
}

function heard() {
  heardAt = performance.now();
  if (troubled) return;
  lost.hidden = true;
  board.removeAttribute("data-stale");
}

/** The office's wall clock by the server's time: the machine behind a display may have a wrong clock and zone. */
function tick() {
  const at = new Date(Date.now() + clockAhead);
  const two = (part) => String(part).padStart(2, "0");
  clock.textContent = two(at.getUTCHours()) + clock.dataset.separator + two(at.getUTCMinutes());
}

function listen() {
  const stream = new EventSource(board.dataset.events);
  stream.addEventListener("board", (event) => {
    troubled = false;
    heard();
    show(JSON.parse(event.data));
  });
  // The server is there and cannot read its own queue: what hangs here is no longer sure.
  stream.addEventListener("trouble", () => (troubled = true));
  stream.addEventListener("beat", heard);
  stream.addEventListener("error", () => {
    // A browser gives up for good on an answer that is no stream (a proxy's error page): ask again ourselves.
    if (stream.readyState !== EventSource.CLOSED) return;
    clearTimeout(retry);
    retry = setTimeout(listen, 2000);
  });
  addEventListener("pagehide", () => stream.close(), { once: true });
}

setInterval(() => {
  if (troubled || performance.now() - heardAt > SILENCE_MS_MAX) {
    lost.hidden = false;
    board.setAttribute("data-stale", "");
  }
  settle();
  tick();
}, 250);

listen();

// A board of the hall: every call stays for at least six seconds and is announced once, one after the other, and the
// board says so when it has lost its server. The page the server drew is right without this script; the script only
// keeps it right. Nothing here grows: rows, what waits for a row and what waits to be announced are all bounded.

import { Announcer } from "./display-sound.js";

const SHOWN_MS_MIN = 6000;
const SILENCE_MS_MAX = 4000;
/** A call this old is shown and no longer announced: the board was away when it was made. */
const ANNOUNCED_MS_MAX = 60_000;

const board = document.querySelector("[data-board]");
const rows = board.querySelector("[data-calls]");
const lost = board.querySelector("[data-lost]");
const clock = board.querySelector("[data-clock]");
const rowsMax = Number(rows.dataset.max);
const announcer = new Announcer(board, (id) => mark(id));

/** Calls that wait for a free row, oldest first. */
let waiting = [];
/** Ids of the calls the server holds now, newest first. */
let current = [];
let waits = [];
let notices = [];
let heardAt = performance.now();
/** What is to be added to this machine's time to get the office's wall clock, read as if it were UTC. */
const clockAhead = Number(clock.dataset.wallMs) - Date.now();
let troubled = false;
let retry;

/** The call ids on the wall, with the time each was put there. */
const shownAt = new Map();
for (const row of rows.children) shownAt.set(row.dataset.id, 0);

const wallNow = () => Date.now() + clockAhead;

function filled(template, texts) {
  const piece = board.querySelector(`template[${template}]`).content.firstElementChild.cloneNode(true);
  for (const [name, text] of Object.entries(texts)) {
    const part = piece.matches(`[${name}]`) ? piece : piece.querySelector(`[${name}]`);
    part.textContent = text;
  }
  return piece;
}

/** Frames the call that is being announced, and no other. */
function mark(id) {
  for (const row of rows.children) row.classList.toggle("now", row.dataset.id === id);
}

function rowOf(call) {
  const row = filled("data-call", { "data-number": call.number, "data-counter": call.counter });
  row.dataset.id = call.id;
  row.dataset.ticket = call.number;
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
  if (wallNow() - call.at < ANNOUNCED_MS_MAX) announcer.announce(call);
  return true;
}

function settle() {
  const now = performance.now();
  clear(now);
  while (waiting.length > 0 && place(now));
  board.toggleAttribute("data-empty", rows.children.length === 0);
}

/** Puts pieces into a list only when they say something else than those that stand there. */
function fill(list, pieces) {
  const same = list.children.length === pieces.length && pieces.every((piece, at) => piece.isEqualNode(list.children[at]));
  if (!same) list.replaceChildren(...pieces);
}

function tellWaits() {
  const list = board.querySelector("[data-waits]");
  const minutes = (since) => Math.max(0, Math.floor((wallNow() - since) / 60_000));
  fill(list, waits.map((wait) => filled("data-wait", { "data-letter": wait.letter, "data-count": wait.count, "data-longest": minutes(wait.since) })));
}

function tellNotices() {
  const strip = board.querySelector("[data-notices]");
  const open = notices.filter((notice) => notice.until === null || notice.until > wallNow());
  fill(strip, open.map((notice) => filled("data-notice", { "data-text": notice.text })));
  strip.hidden = open.length === 0;
}

function show(state) {
  // The board was set up anew, or the program is a newer one: this page is no longer the right one.
  if (state.page !== board.dataset.page) return location.reload();
  current = state.calls.map((call) => call.id);
  const known = new Set([...shownAt.keys(), ...waiting.map((call) => call.id)]);
  const fresh = state.calls.filter((call) => !known.has(call.id));
  waiting.push(...fresh.reverse());
  // What was taken back before it found a row is not shown; of too many the oldest give way.
  waiting = waiting.filter((call) => current.includes(call.id)).slice(-2 * rowsMax);
  board.querySelector("[data-missed]").textContent = state.missed.join("   ");
  board.querySelector("[data-missed-strip]").hidden = state.missed.length === 0;
  ({ waits, notices } = state);
  settle();
  tellWaits();
  tellNotices();
}

function heard() {
  heardAt = performance.now();
  if (troubled) return;
  lost.hidden = true;
  board.removeAttribute("data-stale");
}

/** The office's wall clock by the server's time: the machine behind a display may have a wrong clock and zone. */
function tick() {
  const at = new Date(wallNow());
  const two = (part) => String(part).padStart(2, "0");
  const text = two(at.getUTCHours()) + clock.dataset.separator + two(at.getUTCMinutes());
  if (clock.textContent === text) return;
  clock.textContent = text;
  tellWaits();
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
    retry = setTimeout(listen, 1000);
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
  tellNotices();
}, 250);

listen();

// Announcements of a board: one at a time, each once. A chime, then the number and the counter in sounds that came with
// the program; where more than a few wait, the chime alone, so that the hall is told in time.

/** With more than so many waiting the voice is left out. */
const SPOKEN_MAX = 3;
/** More than a board can hold never wait. */
const WAITING_MAX = 12;
/** How long a call stays marked that is not heard. */
const SILENT_MS = 2500;
const BETWEEN_WORDS_S = 0.05;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export class Announcer {
  #board;
  #mark;
  #waiting = [];
  #running = false;
  #context;
  #sounds;
  #table;

  /** `mark` is told the id of the call that is being announced, and nothing when none is. */
  constructor(board, mark) {
    this.#board = board;
    this.#mark = mark;
    if (board.dataset.sound === "silent") return;
    this.#open().catch(() => this.#tell());
  }

  async #open() {
    const [sounds, table] = await Promise.all([fetch(this.#board.dataset.sounds), fetch(this.#board.dataset.table)]);
    this.#context = new AudioContext();
    this.#table = await table.json();
    this.#sounds = await this.#context.decodeAudioData(await sounds.arrayBuffer());
    this.#context.addEventListener("statechange", () => this.#tell());
    const button = this.#board.querySelector("[data-sound-button]");
    button.addEventListener("click", async () => {
      await this.#context.resume();
      this.#tell();
    });
    this.#tell();
  }

  get #isHeard() {
    return this.#sounds !== undefined && this.#context.state === "running";
  }

  /** Browsers keep a page silent until somebody has touched it, unless they are started otherwise. */
  #tell() {
    this.#board.querySelector("[data-sound-button]").hidden = this.#isHeard;
    this.#board.dataset.heard = this.#isHeard ? "yes" : "no";
  }

  announce(call) {
    this.#waiting = [...this.#waiting.filter((other) => other.number !== call.number), call].slice(-WAITING_MAX);
    this.#run();
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    while (this.#waiting.length > 0) {
      const isCrowded = this.#waiting.length > SPOKEN_MAX;
      const call = this.#waiting.shift();
      this.#mark(call.id);
      const speaks = this.#board.dataset.sound === "voice" && !isCrowded;
      if (this.#isHeard) await this.#play(speaks ? ["chime", ...call.say] : ["chime"]);
      else await pause(SILENT_MS);
      this.#board.dataset.announced = call.id;
    }
    this.#mark(undefined);
    this.#running = false;
  }

  /** Plays sounds one behind the other, and ends when the last has ended. */
  #play(names) {
    let at = this.#context.currentTime + 0.05;
    for (const name of names) {
      const [from, length] = this.#table[name] ?? [0, 0];
      const source = this.#context.createBufferSource();
      source.buffer = this.#sounds;
      source.connect(this.#context.destination);
      source.start(at, from, length);
      source.addEventListener("ended", () => source.disconnect(), { once: true });
      at += length + BETWEEN_WORDS_S;
    }
    // By the clock and not by the last sound's end: a context that is stopped meanwhile must not stop the board.
    return pause((at - this.#context.currentTime) * 1000 + 300);
  }
}

// Looks at a picture without leaving the page: larger, smaller, turned, the next one with the arrow keys. Without this script
// the same link opens the picture alone.

const STEPS = [1, 1.5, 2, 3, 4];

const dialog = document.querySelector("[data-viewer]");
const room = dialog?.querySelector(".viewer-room");
const stage = room?.querySelector(".viewer-stage");
const shown = room?.querySelector("img");
const links = [...document.querySelectorAll("[data-view]")];
let at = 0;
let step = 0;
let quarter = 0;

/** The whole picture in the room at the first step; turned, its sides change places. */
function place() {
  const lies = quarter % 2 === 1;
  const [width, height] = [shown.naturalWidth || 1, shown.naturalHeight || 1];
  const style = getComputedStyle(room);
  const wide = room.clientWidth - parseFloat(style.paddingLeft) * 2;
  const high = room.clientHeight - parseFloat(style.paddingTop) * 2;
  const fits = Math.min(wide / (lies ? height : width), high / (lies ? width : height));
  const scale = fits * STEPS[step];
  shown.style.width = `${width * scale}px`;
  shown.style.rotate = `${quarter * 90}deg`;
  stage.style.width = `${(lies ? height : width) * scale}px`;
  stage.style.height = `${(lies ? width : height) * scale}px`;
}

function look(index) {
  at = (index + links.length) % links.length;
  step = quarter = 0;
  const link = links[at];
  shown.src = link.href;
  shown.alt = link.dataset.view;
  dialog.querySelector("h2").textContent = link.dataset.view;
  dialog.querySelector("[data-full]").href = link.href;
  place();
}

const acts = {
  close: () => dialog.close(),
  larger: () => ((step = Math.min(step + 1, STEPS.length - 1)), place()),
  smaller: () => ((step = Math.max(step - 1, 0)), place()),
  turn: () => ((quarter = (quarter + 1) % 4), place()),
  next: () => look(at + 1),
  before: () => look(at - 1),
};
const keys = { "+": "larger", "=": "larger", "-": "smaller", r: "turn", R: "turn", ArrowRight: "next", ArrowLeft: "before" };

for (const [index, link] of links.entries()) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    look(index);
    dialog.showModal();
    room.focus();
  });
}

dialog?.addEventListener("click", (event) => {
  const act = event.target.closest("[data-do]")?.dataset.do;
  if (act) acts[act]();
});
dialog?.addEventListener("keydown", (event) => {
  const act = keys[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  acts[act]();
});
shown?.addEventListener("load", place);
dialog?.addEventListener("close", () => links[at]?.focus());

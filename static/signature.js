// The signature by pen, finger or mouse: strokes on a canvas, then the same form a file would go through.

const LINE_PX = 3;

const part = document.querySelector("[data-signature]");
const canvas = part.querySelector("canvas");
const form = document.getElementById(part.dataset.form);
const save = part.querySelector("[data-save]");
const pen = canvas.getContext("2d");
/** Every stroke is a list of points in canvas pixels, so that the last one can be taken back. */
let strokes = [];

function point(event) {
  const box = canvas.getBoundingClientRect();
  return {
    x: ((event.clientX - box.left) / box.width) * canvas.width,
    y: ((event.clientY - box.top) / box.height) * canvas.height,
    width: LINE_PX * (event.pointerType === "pen" ? 0.5 + event.pressure : 1),
  };
}

function line(from, to) {
  pen.lineWidth = to.width;
  pen.beginPath();
  pen.moveTo(from.x, from.y);
  pen.lineTo(to.x, to.y);
  pen.stroke();
}

function draw() {
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.strokeStyle = "#000";
  pen.lineCap = pen.lineJoin = "round";
  for (const stroke of strokes) stroke.forEach((to, index) => line(stroke[Math.max(0, index - 1)], to));
  for (const button of [save, ...part.querySelectorAll("[data-undo], [data-clear]")]) button.disabled = strokes.length === 0;
}

function down(event) {
  if (event.button !== 0) return;
  canvas.setPointerCapture(event.pointerId);
  strokes.push([point(event)]);
  draw();
}

function move(event) {
  if (!canvas.hasPointerCapture(event.pointerId)) return;
  const stroke = strokes.at(-1);
  const steps = event.getCoalescedEvents?.() ?? [];
  for (const step of steps.length ? steps : [event]) {
    const to = point(step);
    line(stroke.at(-1), to);
    stroke.push(to);
  }
}

function send() {
  canvas.toBlob((blob) => {
    const files = new DataTransfer();
    files.items.add(new File([blob], "signature.png", { type: "image/png" }));
    form.elements.picture.files = files.files;
    form.requestSubmit();
  }, "image/png");
}

part.hidden = false;
draw();
canvas.addEventListener("pointerdown", down);
canvas.addEventListener("pointermove", move);
part.querySelector("[data-undo]").addEventListener("click", () => {
  strokes.pop();
  draw();
});
part.querySelector("[data-clear]").addEventListener("click", () => {
  strokes = [];
  draw();
});
save.addEventListener("click", send);

// The portrait from the officer's webcam: guide lines, a still to look at, then the same form a file would go through.

const WIDTH_TO_HEIGHT = 35 / 45;
const HEIGHT_PX_MAX = 1200;
const JPEG_QUALITY = 0.92;

const part = document.querySelector("[data-camera]");
const video = part.querySelector("video");
const still = part.querySelector("canvas");
const form = document.getElementById(part.dataset.form);
const choice = part.querySelector("[data-devices]");
let stream;

function say(reason) {
  for (const line of part.querySelectorAll("[data-trouble]")) line.hidden = line.dataset.trouble !== reason;
}

function turn(state) {
  part.dataset.state = state;
  for (const button of part.querySelectorAll("[data-when]")) button.hidden = !button.dataset.when.split(" ").includes(state);
}

function stop() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = undefined;
}

async function start() {
  say("");
  stop();
  if (!navigator.mediaDevices) return say("insecure");
  const device = choice.value ? { deviceId: { exact: choice.value } } : {};
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { ...device, width: { ideal: 1920 }, height: { ideal: 1080 } },
    });
  } catch (error) {
    turn("off");
    const known = { NotAllowedError: "denied", NotFoundError: "none", NotReadableError: "busy" };
    return say(known[error.name] ?? "failed");
  }
  video.srcObject = stream;
  await video.play();
  turn("live");
  await list();
  part.scrollIntoView({ block: "center" });
  part.querySelector("[data-take]").focus({ preventScroll: true });
}

async function list() {
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
  const used = stream?.getVideoTracks()[0]?.getSettings().deviceId;
  choice.replaceChildren(
    ...cameras.map((camera, index) => new Option(camera.label || String(index + 1), camera.deviceId, false, camera.deviceId === used)),
  );
  choice.closest("[data-choice]").hidden = cameras.length < 2;
}

/** The middle of the picture in the proportions of a passport photo: exactly what lies inside the guide frame. */
function take() {
  const height = video.videoHeight;
  const width = Math.min(video.videoWidth, Math.round(height * WIDTH_TO_HEIGHT));
  const scale = Math.min(1, HEIGHT_PX_MAX / height);
  still.width = Math.round(width * scale);
  still.height = Math.round(height * scale);
  still.getContext("2d").drawImage(video, (video.videoWidth - width) / 2, 0, width, height, 0, 0, still.width, still.height);
  video.pause();
  turn("still");
  part.querySelector("[data-use]").focus({ preventScroll: true });
}

async function again() {
  await video.play();
  turn("live");
}

function use() {
  still.toBlob(
    (blob) => {
      const files = new DataTransfer();
      files.items.add(new File([blob], "portrait.jpg", { type: "image/jpeg" }));
      form.elements.picture.files = files.files;
      stop();
      form.requestSubmit();
    },
    "image/jpeg",
    JPEG_QUALITY,
  );
}

part.hidden = false;
turn("off");
part.querySelector("[data-start]").addEventListener("click", start);
part.querySelector("[data-take]").addEventListener("click", take);
part.querySelector("[data-again]").addEventListener("click", again);
part.querySelector("[data-use]").addEventListener("click", use);
choice.addEventListener("change", start);
addEventListener("pagehide", stop);

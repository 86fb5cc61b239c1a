// The officer's queue page: one key per button. Keys can be switched off, because a single letter may also be what a
// screen reader or a voice control listens to.

const SWITCH = "loket.keys";

const keysOn = () => localStorage.getItem(SWITCH) !== "off";

function reflect() {
  document.documentElement.toggleAttribute("data-no-keys", !keysOn());
  for (const box of document.querySelectorAll("[data-keys-switch]")) box.checked = keysOn();
}

function press(event) {
  if (!keysOn() || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]")) return;
  const key = event.key.toUpperCase();
  const button = [...document.querySelectorAll("[data-key]")].find((candidate) => candidate.dataset.key === key);
  if (!button) return;
  event.preventDefault();
  const closed = button.closest("details:not([open])");
  if (closed) {
    // What needs a reason is not sent by a key alone: its form opens, and Enter sends it.
    closed.open = true;
    button.form.querySelector("input:not([type=hidden]), select")?.focus();
  } else button.click();
}

reflect();
document.addEventListener("keydown", press);
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-keys-switch]")) return;
  localStorage.setItem(SWITCH, event.target.checked ? "on" : "off");
  reflect();
});

// Small helps on every page; everything works without them.
// "/" goes to the search box; a refused form is read out first; a form is not sent twice by a double click.

const search = document.querySelector("[data-search]");
const faults = document.querySelector("[data-focus]");

if (faults) faults.focus();
else if (search && search.hasAttribute("data-first") && !search.value) search.focus();

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey || !search) return;
  event.preventDefault();
  search.focus();
  search.select();
});

// A scanner types without looking where: digits that meet no field go to the search box, the first one included.
document.addEventListener("keydown", (event) => {
  if (!/^[0-9]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey || !search) return;
  if (event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) return;
  search.value = "";
  search.focus();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
});

// A page that comes back from the browser's memory may be sent again; the server knows a repeated form.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.focus();
  button.addEventListener("click", () => window.print());
}

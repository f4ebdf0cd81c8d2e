// What was chosen or typed before the scripts of a page were here is told to them once they are.
// Stands before them: what they put in themselves is nobody's doing.
const early = new Set();
const note = ({ target }) => early.add(target);
const kinds = ["input", "change"];

function changed(each) {
  if (!each.options) return each.value !== each.defaultValue || each.checked !== each.defaultChecked;
  return each.selectedIndex !== Math.max(0, [...each.options].findIndex((one) => one.defaultSelected));
}

for (const each of document.querySelectorAll("input, textarea, select")) if (changed(each)) early.add(each);
for (const kind of kinds) document.addEventListener(kind, note);
addEventListener("DOMContentLoaded", () => {
  for (const kind of kinds) document.removeEventListener(kind, note);
  for (const each of early) for (const kind of kinds) each.dispatchEvent(new Event(kind, { bubbles: true }));
});

// While a question is written: what is still wrong, said at its field, by the service's own rules.
const form = document.getElementById("item");
const tally = document.getElementById("tally");
const elsewhere = document.getElementById("elsewhere");
const slots = new Map([...form.querySelectorAll("[data-wrong]")].map((slot) => [slot.dataset.wrong, slot]));
const control = (field) => form.elements.namedItem(field);
// A weight is typed in the field of its share; a place without a field of its own is said above all.
const slotOf = (field) => slots.get(field) ?? slots.get(field.replace(/\.weight$/, ".share")) ?? slots.get(`${field}.value`);

function say(faults) {
  const said = new Map();
  const rest = [];
  for (const { field, message } of faults) {
    const slot = slotOf(field);
    if (slot) said.set(slot, [said.get(slot), message].filter(Boolean).join(" "));
    else rest.push(message);
  }
  for (const slot of slots.values()) {
    const message = said.get(slot) ?? "";
    slot.textContent = message;
    slot.hidden = !message;
    const own = control(slot.dataset.wrong);
    if (message) own?.setAttribute?.("aria-invalid", "true");
    else own?.removeAttribute?.("aria-invalid");
  }
  elsewhere.replaceChildren(...rest.map((message) => Object.assign(document.createElement("li"), { textContent: message })));
  tally.textContent = faults.length ? tally.dataset.some.replace("{n}", faults.length) : tally.dataset.none;
}

let round = 0;
async function check() {
  const mine = ++round;
  const fields = new FormData(form);
  fields.delete("picture");
  try {
    const reply = await fetch(form.dataset.check, { method: "POST", body: new URLSearchParams([...fields]) });
    if (!reply.ok) return;
    const { faults } = await reply.json();
    if (mine === round) say(faults);
  } catch { /* saving says it too */ }
}

let waiting;
form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(check, 500);
});

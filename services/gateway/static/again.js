// While a part of the site is away the page comes back by itself, unless somebody has begun to do something on it.
const seconds = Number(document.currentScript.dataset.seconds);
const sentences = document.querySelectorAll("[data-tries]");
const field = "input, textarea, select";
let timer = 0;

function tell(trying) {
  for (const each of sentences) each.hidden = !trying;
}

function stop() {
  clearTimeout(timer);
  tell(false);
}

if (!document.activeElement?.matches(field)) {
  timer = setTimeout(() => location.reload(), seconds * 1000);
  tell(true);
  for (const kind of ["input", "change"]) document.addEventListener(kind, stop);
  document.addEventListener("focusin", (event) => { if (event.target.matches(field)) stop(); });
  document.addEventListener("click", (event) => { if (event.target.closest("summary")) stop(); });
}

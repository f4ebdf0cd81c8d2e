// What is wrong with the page one looks at, as a list of sentences; empty when all is well.
() => {
  const wrong = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) wrong.push(`scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}`);
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not exactly one h1");
  if (!root.lang) wrong.push("no language");
  if (document.querySelectorAll("main").length !== 1) wrong.push("not exactly one main");
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of ids) if (ids.filter((other) => other === id).length > 1) wrong.push(`id twice: ${id}`);
  for (const attribute of ["aria-labelledby", "aria-describedby"])
    for (const e of document.querySelectorAll(`[${attribute}]`))
      for (const id of e.getAttribute(attribute).split(" ").filter(Boolean))
        if (!document.getElementById(id)) wrong.push(`${attribute} names no element: ${id}`);

  const visible = (e) => e.checkVisibility() && e.getClientRects().length > 0;
  for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (!e.labels.length || !e.labels[0].innerText.trim()) wrong.push(`no label: ${e.name || e.id}`);
  for (const e of document.querySelectorAll("a, button, summary"))
    if (visible(e) && !e.textContent.trim()) wrong.push(`no name: ${e.outerHTML.slice(0, 80)}`);

  // WCAG 2.2, 2.5.8: 24 by 24 CSS pixels; links inside a sentence are excepted.
  for (const e of document.querySelectorAll("a, button, input:not([type=hidden]), select, summary")) {
    const box = e.getBoundingClientRect();
    const inSentence = e.tagName === "A" && getComputedStyle(e).display === "inline";
    if (visible(e) && !inSentence && !e.closest(".skip") && (box.width < 24 || box.height < 24))
      wrong.push(`small target ${Math.round(box.width)}x${Math.round(box.height)}: ${e.textContent.trim().slice(0, 40)}`);
  }

  let level = 0;
  for (const e of document.querySelectorAll("h1, h2, h3, h4")) {
    const next = Number(e.tagName[1]);
    if (next > level + 1) wrong.push(`heading skips a level: ${e.textContent.trim().slice(0, 40)}`);
    level = next;
  }

  const parse = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.a === 1) return colour;
    }
    return { r: 255, g: 255, b: 255 };
  };
  const part = (v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = (c) => 0.2126 * part(c.r) + 0.7152 * part(c.g) + 0.0722 * part(c.b);
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const e = words.currentNode.parentElement;
    if (!words.currentNode.data.trim() || !visible(e) || e.tagName === "SCRIPT") continue;
    const style = getComputedStyle(e);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const found = contrast(parse(style.color), behind(e));
    if (found < (large ? 3 : 4.5)) wrong.push(`contrast ${found.toFixed(2)}: ${words.currentNode.data.trim().slice(0, 40)}`);
  }
  for (const e of document.querySelectorAll("input:not([type=hidden]), select"))
    if (visible(e) && contrast(parse(getComputedStyle(e).borderTopColor), behind(e.parentElement)) < 3)
      wrong.push(`border too faint: ${e.id}`);
  return wrong;
}

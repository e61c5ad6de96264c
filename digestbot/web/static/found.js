// What rules would have found, shown while they are typed.
"use strict";

for (const area of document.querySelectorAll("textarea[data-found]")) {
  const shown = document.querySelector(area.dataset.foundIn || "#found");
  let timer, latest = 0;
  const look = async () => {
    const mine = ++latest;
    try {
      const answer = await fetch(`${area.dataset.found}?rules=${encodeURIComponent(area.value)}`);
      const page = answer.ok ? await answer.text() : "";
      if (mine !== latest) return;
      // Our own server wrote it, every value escaped; nothing in it runs under the page's policy.
      shown.innerHTML = page;
      shown.hidden = !page.trim();
    } catch { /* the button does the same */ }
  };
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 400);
  });
  if (area.value.trim() && !shown.textContent.trim()) look();
}

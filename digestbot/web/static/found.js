// What rules and likes would have brought, shown while they are typed.
"use strict";

for (const area of document.querySelectorAll("textarea[data-found]")) {
  const shown = document.querySelector(area.dataset.foundIn || "#found");
  const names = ["rules", ...(area.dataset.foundWith || "").split(" ")];
  const asked = () => new URLSearchParams([...new FormData(area.form)].filter(([name, value]) => value && names.includes(name)));
  let timer, latest = 0;
  const look = async () => {
    const mine = ++latest;
    try {
      const answer = await fetch(`${area.dataset.found}?${asked()}`);
      const page = answer.ok ? await answer.text() : "";
      if (mine !== latest) return;
      // Our own server wrote it, every value escaped; nothing in it runs under the page's policy.
      shown.innerHTML = page;
      shown.hidden = !page.trim();
    } catch { /* the button does the same */ }
  };
  area.form.addEventListener("input", (event) => {
    if (!names.includes(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(look, 400);
  });
  if (area.value.trim() && !shown.textContent.trim()) look();
}

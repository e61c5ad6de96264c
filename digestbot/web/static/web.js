// What makes the pages better where scripts run; each works without.
"use strict";

// The time zone of the browser, where nobody has chosen one.
const zone = document.querySelector("#timezone[data-guess=yes]");
if (zone) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...zone.options].some((each) => each.value === here)) zone.value = here;
}

// What was said about a form that was sent is read out and seen first.
document.querySelector("[data-focus]")?.focus();

// Topics: found by letters, and counted.
for (const box of document.querySelectorAll("[data-topics]")) {
  const boxes = [...box.querySelectorAll("input[type=checkbox]")];
  const count = () => {
    const chosen = boxes.filter((each) => each.checked).length;
    box.querySelector("[data-count]").textContent = chosen ? `${chosen} chosen.` : "";
  };
  const find = box.querySelector("[data-find]");
  const open = new Set([...box.querySelectorAll("details[open]")]);
  const input = find.querySelector("input");
  find.hidden = false;
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const group of box.querySelectorAll(".group")) {
      let any = false;
      for (const item of group.querySelectorAll("li")) {
        const text = item.textContent.toLowerCase();
        item.hidden = !words.every((word) => text.includes(word));
        any ||= !item.hidden;
      }
      group.hidden = !any;
      group.open = words.length ? any : open.has(group);
    }
  });
  // Enter in the search field must not send the form.
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  box.addEventListener("change", count);
  count();
}

// Topics whose titles have the letters typed last: a press puts one in.
for (const input of document.querySelectorAll("[data-interests]")) {
  const titles = [...input.form.querySelectorAll("[data-topics] label")].map((each) => each.textContent.trim());
  const list = document.createElement("ul");
  list.className = "suggested";
  list.setAttribute("aria-label", "Topics");
  input.after(list);
  const last = () => input.value.slice(input.value.lastIndexOf(",") + 1).trim().toLowerCase();
  input.addEventListener("input", () => {
    const words = last().split(/\s+/).filter((each) => each.length > 2);
    const near = words.length ? titles.filter((each) => words.every((word) => each.toLowerCase().includes(word))).slice(0, 5) : [];
    list.replaceChildren(...near.filter((each) => each.toLowerCase() !== last()).map((title) => {
      const item = document.createElement("li"), button = document.createElement("button");
      button.type = "button";
      button.textContent = title;
      button.addEventListener("click", () => {
        const before = input.value.slice(0, input.value.lastIndexOf(",") + 1);
        // A title with a comma within stands in quotes, as it would in a rule.
        input.value = `${before}${before ? " " : ""}${title.includes(",") ? `"${title}"` : title}, `;
        list.replaceChildren();
        input.focus();
      });
      item.append(button);
      return item;
    }));
  });
}

// All boxes of a form ticked at once.
for (const each of document.querySelectorAll("[data-all]")) {
  const all = each.querySelector("input");
  each.hidden = false;
  all.addEventListener("change", () => {
    for (const box of all.form.querySelectorAll("input[name=id]")) box.checked = all.checked;
  });
}

// Rules are looked at while they are typed.
for (const area of document.querySelectorAll("textarea[data-check]")) {
  const told = area.parentElement.querySelector(".wrong") ?? document.createElement("ul");
  told.className = "wrong";
  told.id ||= `${area.id}-wrong`;
  told.setAttribute("aria-live", "polite");
  area.after(told);
  let timer, latest = 0;
  const show = (problems) => {
    told.replaceChildren(...problems.map((each) => {
      const line = document.createElement("li");
      const where = each.line ? `Line ${each.line}, column ${each.column}: ` : "";
      line.textContent = where + each.message + (each.way_out ? ` (${each.way_out})` : "");
      return line;
    }));
    area.toggleAttribute("aria-invalid", false);
    if (problems.length) area.setAttribute("aria-invalid", "true");
    area.setAttribute("aria-describedby", `${area.id}-hint${problems.length ? ` ${told.id}` : ""}`);
  };
  const check = async () => {
    const mine = ++latest;
    try {
      const answer = await fetch(`${area.dataset.check}?rules=${encodeURIComponent(area.value)}`);
      if (answer.ok && mine === latest) show((await answer.json()).problems);
    } catch { /* the form itself says it when it is sent */ }
  };
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(check, 300);
  });
}

// A file that is larger than the site takes is told before it is sent.
for (const file of document.querySelectorAll("input[type=file][data-most]")) {
  file.addEventListener("change", () => {
    const large = [...file.files].some((each) => each.size > file.dataset.most);
    file.setCustomValidity(large ? "This file is too large: 16 MB at most. Pack it as a zip, or export a part of the library." : "");
    file.reportValidity();
  });
}

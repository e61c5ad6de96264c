// The pages by the keyboard: from paper to paper, open one, search. Whoever does not want it turns it off.
"use strict";

(() => {
  const search = document.currentScript.dataset.search;
  const ITEMS = ".paper h3, .rows li, .cards h2:has(> a), td h3, td.cover h2, td ol > li";
  const HELP = "<kbd>j</kbd> next, <kbd>k</kbd> previous, <kbd>o</kbd> open, <kbd>/</kbd> search, <kbd>?</kbd> this line.";
  const style = new CSSStyleSheet();
  style.replaceSync(`
    .keys { position: fixed; inset: auto 0 0 0; z-index: 3; display: flex; flex-wrap: wrap; align-items: center;
      justify-content: center; gap: 0.5rem 1rem; padding: 0.6rem 1rem; font: 0.9375rem/1.6 system-ui, sans-serif;
      background: var(--sheet, Canvas); color: var(--ink, CanvasText); border-top: 2px solid var(--edge, GrayText); }
    .keys[hidden] { display: none; }
    .keys p { margin: 0; }
    .keys kbd { font: 0.9em ui-monospace, Menlo, Consolas, monospace; border: 1px solid; border-radius: 4px; padding: 0 0.35em; }
    .keys button { min-height: 32px; padding: 0.15rem 0.7rem; font: inherit; }
    button.keys-open { display: block; min-height: 32px; margin: 0 auto; padding: 0.2rem 0.5rem; border: 0; background: none;
      color: inherit; font: 0.875rem/1.5 system-ui, sans-serif; text-decoration: underline; cursor: pointer; }
    footer button.keys-open { margin: 0; padding-left: 0; }
    html.keys-shown { scroll-padding-bottom: 9rem; }
    html.keys-shown body { padding-bottom: 9rem; }
    main td :focus-visible, td :focus-visible { outline: 3px solid var(--focus, LinkText); outline-offset: 2px; }
    @media print { .keys, button.keys-open { display: none; } }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, style];

  // What the browser keeps for us, where it does.
  let on = true;
  try { on = localStorage.getItem("keys") !== "off"; } catch { /* they are on */ }

  const button = (words, press) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = words;
    made.addEventListener("click", press);
    return made;
  };
  const line = document.createElement("div"), told = document.createElement("p");
  line.className = "keys";
  line.id = "keys";
  line.hidden = true;
  told.setAttribute("role", "status");
  const opens = button("Keys", () => show(line.hidden));
  opens.className = "keys-open";
  opens.setAttribute("aria-controls", "keys");
  opens.setAttribute("aria-expanded", "false");
  const turn = button("", () => {
    on = !on;
    try { localStorage.setItem("keys", on ? "on" : "off"); } catch { /* it holds for this page */ }
    show(true);
  });
  line.append(told, turn, button("Close", () => { show(false); opens.focus(); }));
  (document.querySelector("footer") ?? document.querySelector("main") ?? document.body).append(opens, line);

  const show = (shown) => {
    line.hidden = !shown;
    document.documentElement.classList.toggle("keys-shown", shown);
    opens.setAttribute("aria-expanded", String(shown));
    turn.textContent = on ? "Turn off" : "Turn on";
    told.innerHTML = !shown ? "" : on ? HELP : "The keys are turned off.";
  };

  const seen = (each) => each.getClientRects().length > 0;
  const items = () => [...document.querySelectorAll(ITEMS)].filter(seen);
  let last = null;
  const current = (all) => all.find((each) => each.contains(document.activeElement)) ?? (all.includes(last) ? last : null);
  const move = (step) => {
    const all = items(), at = current(all);
    // Who has come to none yet begins with what is seen first.
    const first = () => all.findIndex((each) => each.getBoundingClientRect().top >= 0) - (step > 0 ? 0 : 1);
    const next = all[at ? all.indexOf(at) + step : first()];
    if (!next) return;
    last = next;
    const to = next.querySelector("a[href]") ?? next;
    if (to === next) next.tabIndex = -1;
    to.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
  const find = () => {
    const field = [...document.querySelectorAll("main input[type=search], main textarea[data-found]")].find(seen);
    if (field) field.focus();
    else if (!document.querySelector("main form[method=post]")) location.href = `${search}#q`; // no half-filled form is left
  };
  const does = {
    j: () => move(1),
    k: () => move(-1),
    o: () => current(items())?.querySelector("a[href]")?.click(),
    "/": find,
    "?": () => show(line.hidden),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    if (event.key === "Escape" && !line.hidden) show(false);
    if (!on || !Object.hasOwn(does, event.key)) return;
    event.preventDefault();
    does[event.key]();
  });
})();

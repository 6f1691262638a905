// The little script there is. Every page works without it; it saves a click, a keystroke or a second press.
(() => {
  "use strict";
  const doc = document;
  const busy = "aria-busy";
  const closest = (event, selector) => event.target.closest?.(selector);

  // One press, one request: the pressed button says that it works and is deaf until the answer is there.
  // It is never disabled, so that its value is sent.
  const release = () => doc.querySelectorAll(`button[${busy}]`).forEach((b) => b.removeAttribute(busy));
  doc.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || event.target.method === "dialog") return;
    if (button.getAttribute(busy) === "true") {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    button.setAttribute(busy, "true");
    setTimeout(() => button.removeAttribute(busy), 8000); // an answer that is a download leaves the page as it is
  }, true);
  doc.addEventListener("htmx:finally:request", release);
  addEventListener("pageshow", release);

  // Dialogs, menus, toasts.
  doc.addEventListener("click", (event) => {
    const opener = closest(event, "[data-opens]");
    const dialog = opener && doc.getElementById(opener.dataset.opens);
    if (dialog?.showModal) {
      event.preventDefault();
      if (!dialog.open) dialog.showModal();
    }
    const closer = closest(event, "[data-closes]");
    if (closer) {
      event.preventDefault();
      closer.closest("dialog")?.close();
      if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
    }
    const copier = closest(event, "[data-copy]");
    if (copier) {
      const source = doc.getElementById(copier.dataset.copy);
      source.select();
      navigator.clipboard?.writeText(source.value).then(() => { copier.textContent = "Copied"; });
    }
    if (closest(event, "[data-dismiss]")) closest(event, ".toast").remove();
    const order = closest(event, "[data-lines] button[name=move]");
    if (order) {
      event.preventDefault();
      moveRow(order);
    }
    closeMenus(closest(event, "details.menu"));
  });
  const closeMenus = (but) =>
    doc.querySelectorAll("details.menu[open]").forEach((menu) => { if (menu !== but) menu.open = false; });

  // Rows that can be ordered: the same buttons that a plain submit would send.
  const rowsOf = (list) => [...list.querySelectorAll("[data-row]")];
  const number = (list) => rowsOf(list).forEach((row, at) => {
    row.querySelectorAll("button[name=move]").forEach((b) => {
      b.value = b.value.replace(/:\d+:/, `:${at}:`);
      b.setAttribute("aria-label", b.getAttribute("aria-label").replace(/\d+$/, at + 1));
    });
    const input = row.querySelector("textarea");
    input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/\d+$/, at + 1));
    input.id = input.id.replace(/\d+$/, at);
  });
  function addRow(list, after) {
    const row = (after || rowsOf(list)[0]).cloneNode(true);
    row.querySelector("textarea").value = "";
    if (after) after.after(row); else rowsOf(list).at(-1).after(row);
    number(list);
    row.querySelector("textarea").focus();
    return row;
  }
  function moveRow(button) {
    const list = button.closest("[data-lines]");
    const row = button.closest("[data-row]");
    const deed = button.value.split(":")[2];
    if (deed === "add") addRow(list);
    else if (deed === "remove") {
      const beside = row.nextElementSibling || row.previousElementSibling;
      if (beside) row.remove(); else row.querySelector("textarea").value = "";
      (beside || row).querySelector("textarea").focus();
    } else {
      const beside = deed === "up" ? row.previousElementSibling : row.nextElementSibling;
      if (beside) deed === "up" ? beside.before(row) : beside.after(row);
      button.focus();
      if (doc.activeElement !== button || getComputedStyle(button).visibility === "hidden") {
        row.querySelector("textarea").focus();
      }
    }
    number(list);
    list.dispatchEvent(new Event("input", { bubbles: true })); // drafts that save themselves hear of it
  }

  // Keys: / searches, J and K go to the next and the one before. They can be switched off in the account menu.
  const shortcutsOn = () => localStorage.getItem("shortcuts") !== "off";
  const typing = (node) => node.closest?.("input, textarea, select, dialog, [contenteditable]");
  doc.addEventListener("keydown", (event) => {
    const row = event.key === "Enter" && closest(event, "[data-row]");
    if (row && event.target.matches("textarea") && !event.isComposing) {
      event.preventDefault();
      addRow(row.closest("[data-lines]"), row);
      return;
    }
    if (event.key === "Escape") {
      const menu = closest(event, "details.menu[open]");
      closeMenus();
      menu?.querySelector("summary").focus();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !shortcutsOn()) return;
    const target = { "/": "#search", j: "[data-next]", k: "[data-previous]" }[event.key.toLowerCase()];
    const node = target && doc.querySelector(target);
    if (!node) return;
    event.preventDefault();
    if (event.key === "/") node.select(); else node.click();
  });
  doc.addEventListener("change", (event) => {
    if (event.target.matches("[data-shortcuts]")) {
      localStorage.setItem("shortcuts", event.target.checked ? "on" : "off");
    }
  });

  // After a swap: an error summary is focused and named in the title; else focus stays where it was. htmx keeps
  // it for elements with an id; for the others the same button or input is looked up again, then the nearest
  // part around it that is still there.
  const focusable = "input:not([type=hidden]), textarea, select, button:not(.hide), a[href], [tabindex]:not(.hide)";
  const around = (node) => (node ? [...(node.id ? [node.id] : []), ...around(node.parentElement)] : []);
  const within = (id) => {
    const part = doc.getElementById(id);
    return part?.matches(focusable) ? part : part?.querySelector(focusable);
  };
  let held = null;
  doc.addEventListener("htmx:before:swap", () => {
    const node = doc.activeElement;
    const same = node.name && !node.id ? `[name="${CSS.escape(node.name)}"][value="${CSS.escape(node.value)}"]` : "";
    held = node === doc.body ? null : { same, around: around(node) };
  });
  doc.addEventListener("htmx:after:settle", (event) => {
    const errors = doc.querySelector(".errors");
    doc.title = (errors ? "Error: " : "") + doc.title.replace(/^Error: /, "");
    if (errors && event.target.contains?.(errors)) errors.focus();
    else if (held && doc.activeElement === doc.body) {
      const same = held.same && doc.querySelector(held.same);
      (same || held.around.map(within).find(Boolean))?.focus({ preventScroll: true });
    }
    held = null;
  });

  doc.querySelectorAll("[data-shortcuts]").forEach((box) => { box.checked = shortcutsOn(); });
})();

// The sheet with the rows of a list, over the chat.

import { $, h, icon } from "./dom.js";

let opener = null;

export function closePicker() {
  if ($("picker").hidden) return;
  $("picker").hidden = $("picker-veil").hidden = true;
  opener?.focus({ preventScroll: true });
  opener = null;
}

function row({ id, title, description }, choose) {
  const detail = description?.trim();
  return h("button", { type: "button", class: "picker-row", dir: "auto", "data-testid": "list-row", "data-id": id, onclick: () => { closePicker(); choose(id); } },
    h("span", { class: "picker-words" }, h("strong", {}, title), detail ? h("small", { dir: "auto" }, detail) : null),
    icon("next"));
}

export function openPicker({ button, entries }, choose) {
  opener = document.activeElement;
  $("picker-title").textContent = button;
  $("picker-rows").replaceChildren(...entries.map((entry) => row(entry, choose)));
  $("picker").hidden = $("picker-veil").hidden = false;
  $("picker-rows").scrollTop = 0;
  $("picker-rows").firstElementChild.focus();
}

// Tab goes round inside the sheet while it is open.
function keepFocus(event) {
  const buttons = [...$("picker").querySelectorAll("button")];
  const [first, last] = [buttons[0], buttons.at(-1)];
  const leaving = event.shiftKey ? first : last;
  if (document.activeElement !== leaving) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
}

function onKey(event) {
  if (event.key === "Escape") closePicker();
  else if (event.key === "Tab") keepFocus(event);
  else if (event.key === "ArrowDown") document.activeElement.nextElementSibling?.focus();
  else if (event.key === "ArrowUp") document.activeElement.previousElementSibling?.focus();
}

export function setUpPicker() {
  $("picker-close").addEventListener("click", closePicker);
  $("picker-veil").addEventListener("click", closePicker);
  $("picker").addEventListener("keydown", onKey);
}

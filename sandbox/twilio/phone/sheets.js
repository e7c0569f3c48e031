// On a narrow screen the two side panes are sheets over the phone.

import { $ } from "./dom.js";

let opener = null;

export function closeSheets() {
  for (const pane of document.querySelectorAll(".pane")) pane.classList.remove("open");
  $("scrim").hidden = true;
  opener?.focus();
  opener = null;
}

function open(name, from) {
  closeSheets();
  opener = from;
  $(name).classList.add("open");
  $("scrim").hidden = false;
  $(name).querySelector("[data-close]").focus();
}

export function setUpSheets() {
  for (const button of document.querySelectorAll("[data-open]")) button.addEventListener("click", () => open(button.dataset.open, button));
  for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", closeSheets);
  $("scrim").addEventListener("click", closeSheets);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeSheets(); });
}

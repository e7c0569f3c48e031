// What can be tapped under a message: quick replies, the button of a list, addresses and calls.

import { sendTap } from "./api.js";
import { h, icon } from "./dom.js";
import { openPicker } from "./picker.js";
import { sending } from "./sending.js";

const TAPPABLE = new Set(["delivered", "read"]);

export const tap = (message, id) => sending((how) => sendTap({ sid: message.sid, id, ...how }));

function choice(message, name, label, testid, act) {
  const attributes = { type: "button", class: "choice-row", dir: "auto", "data-testid": testid, disabled: !TAPPABLE.has(message.status) };
  return h("button", { ...attributes, onclick: act }, icon(name), h("span", {}, label));
}

function link({ type, title, url, phone }) {
  const call = type === "PHONE_NUMBER";
  return h("a", { class: "choice-row", dir: "auto", "data-testid": "link-button", href: call ? `tel:${phone}` : url, target: "_blank", rel: "noopener noreferrer" },
    icon(call ? "call" : "open"), h("span", {}, title));
}

const ROWS = {
  "twilio/quick-reply": (message, { entries }) => entries.map(({ id, title }) => choice(message, "reply", title, "quick-reply", () => tap(message, id))),
  "twilio/list-picker": (message, interactive) => [
    choice(message, "list", interactive.button, "list-open", () => openPicker(interactive, (id) => tap(message, id))),
  ],
  "twilio/call-to-action": (message, { entries }) => entries.map(link),
};

export function choices(message) {
  const interactive = message.extra.interactive;
  const rows = interactive && ROWS[interactive.type];
  return rows ? h("div", { class: "choice-rows", "data-testid": "choices" }, ...rows(message, interactive)) : null;
}

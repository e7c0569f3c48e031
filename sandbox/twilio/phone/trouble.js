// The drawer of switches for what goes wrong.

import * as api from "./api.js";
import { $, h, update } from "./dom.js";
import { state } from "./state.js";
import { t } from "./strings.js";

// A switch that is a fault rule: on while the sandbox has such a rule.
const FAULTS = {
  lose: { scope: "webhook", kind: "drop" },
  late: { scope: "webhook", kind: "delay", params: { seconds: 4 } },
  err500: { scope: "create", kind: "status_500", params: { accept: true } },
  lost: { scope: "create", kind: "accept_and_drop_response" },
  busy: { scope: "create", kind: "status_429" },
  cbEarly: { scope: "create", kind: "before_response" },
  cbTwice: { scope: "callback", kind: "duplicate" },
  cbOrder: { scope: "callback", kind: "reorder" },
  cbLose: { scope: "callback", kind: "drop", probability: 0.5 },
  fail: { scope: "callback", kind: "error_code", params: { code: 63003 } },
};
// A switch that is a setting: its name there, what it says when on and when off.
const SETTINGS = {
  autoRead: ["auto_read", true, false],
  bodyEmpty: ["content_body_empty", true, false],
  listButton: ["list_selection", "button", "list"],
  listBody: ["list_selection", "body", "list"],
  approvalHold: ["approvals", "hold", "approve"],
  approvalReject: ["approvals", "reject", "approve"],
};
const GROUPS = {
  groupMe: ["twice", "atOnce", "lose", "late"],
  groupPhone: ["off", "window", "autoRead"],
  groupTwilio: ["fail", "err500", "lost", "busy", "cbEarly", "cbTwice", "cbOrder", "cbLose", "approvalHold", "approvalReject"],
  groupUnsure: ["listButton", "listBody", "bodyEmpty"],
};

const rule = (name) => state.faults.find((fault) => fault.scope === FAULTS[name].scope && fault.kind === FAULTS[name].kind);
const offline = () => state.settings.offline ?? [];

function isOn(name) {
  if (FAULTS[name]) return Boolean(rule(name));
  if (name === "off") return offline().includes(state.me);
  if (SETTINGS[name]) return state.settings[SETTINGS[name][0]] === SETTINGS[name][1];
  return Boolean(state.trouble[name]);
}

async function turn(name) {
  const on = !isOn(name);
  if (FAULTS[name]) await (on ? api.addFault(FAULTS[name]) : api.removeFault(rule(name).id));
  else if (name === "off") await api.changeSettings({ offline: on ? [...offline(), state.me] : offline().filter((one) => one !== state.me) });
  else if (SETTINGS[name]) await api.changeSettings({ [SETTINGS[name][0]]: SETTINGS[name][on ? 1 : 2] });
  else if (name === "window") await api.setWindow(state.company, state.me, false);
  else state.trouble[name] = on;
  if (name === "atOnce" && on) state.trouble.twice = true;
  if (name === "twice" && !on) state.trouble.atOnce = false;
  showTrouble();
}

function row(name) {
  const action = name === "window";
  const fired = FAULTS[name] && rule(name)?.fired;
  const hint = fired ? `${t(`${name}Hint`)} · ${fired} ${t("fired")}` : t(`${name}Hint`);
  const words = h("span", { class: "who" }, h("strong", {}, t(name)), h("small", {}, hint));
  const attributes = { type: "button", class: action ? "switch action" : "switch", "data-testid": `trouble-${name}`, onclick: () => turn(name) };
  if (!action) Object.assign(attributes, { role: "switch", "aria-checked": String(isOn(name)) });
  return h("button", attributes, words, action ? null : h("span", { class: "knob", "aria-hidden": "true" }));
}

async function reset() {
  state.trouble = {};
  await api.clearFaults();
  const calm = Object.fromEntries(Object.values(SETTINGS).map(([setting, , off]) => [setting, off]));
  await api.changeSettings({ offline: [], ...calm });
}

export function showTrouble() {
  const nodes = Object.entries(GROUPS).flatMap(([group, names]) => [h("h3", {}, t(group)), ...names.map(row)]);
  update($("switches"), [...nodes, h("button", { type: "button", class: "calm", "data-testid": "trouble-reset", onclick: reset }, t("reset"))]);
  $("trouble-dot").hidden = !Object.values(GROUPS).flat().some((name) => name !== "autoRead" && isOn(name));
}

function toggle(open) {
  $("trouble").hidden = !open;
  $("trouble-button").setAttribute("aria-expanded", String(open));
  (open ? $("trouble-close") : $("trouble-button")).focus();
}

export function setUpTrouble() {
  $("trouble-button").addEventListener("click", () => toggle($("trouble").hidden));
  $("trouble-close").addEventListener("click", () => toggle(false));
  $("trouble").addEventListener("keydown", (event) => { if (event.key === "Escape") toggle(false); });
}

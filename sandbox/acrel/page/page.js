// Shows what the network knows, twice a second.

import { language, setLanguage, t } from "./strings.js";

const KINDS = ["slow", "timeout_before", "timeout_after", "error_500", "error_500_after", "lost_report", "signed_out"];
const SECONDS = { slow: 5 };
const byId = (id) => document.getElementById(id);
const cards = new Map();

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

const say = (number, said) => fetch(`meters/${encodeURIComponent(number)}/set`, { method: "POST", body: JSON.stringify(said) });

function card(meter) {
  const made = element("article", undefined, "meter");
  made.innerHTML = "<header><b></b><bdi></bdi></header><p class='state'><i class='lamp'></i><span></span></p>" +
    "<div class='counted' dir='ltr'></div><dl></dl>" +
    "<label class='row'><span></span><input type='checkbox'></label><button type='button' class='pill'></button>";
  made.querySelector("header bdi").textContent = meter.number;
  made.querySelector("input").addEventListener("change", (event) => say(meter.number, { online: event.target.checked }));
  made.querySelector("button").addEventListener("click", () => say(meter.number, { report: true }));
  cards.set(meter.number, made);
  byId("meters").append(made);
  return made;
}

function facts(para) {
  const rows = [[t("mode"), t(para.mode)], [t("every"), t("minutes", para.upInterval)]];
  if (para.tariff) rows.push([t("tariff"), para.tariff]);
  if (para.quota) rows.push([t("quota"), `\u2068${para.quota.kwh} ${t("kwh")}\u2069 · \u2068${para.quota.month}\u2069`]);
  if (para.credit_limit !== undefined) rows.push([t("credit_limit"), `${(para.credit_limit / 100).toFixed(2)} ${para.currency}`]);
  return rows.map(([name, value]) => {
    const row = element("div");
    const shown = element("dd");
    shown.append(element("bdi", value));
    row.append(element("dt", name), shown);
    return row;
  });
}

function showMeter(meter) {
  const at = cards.get(meter.number) ?? card(meter);
  at.querySelector("header b").textContent = (language() === "ar" ? meter.label_ar : meter.label) || meter.number;
  at.querySelector(".lamp").classList.toggle("on", meter.closed);
  at.querySelector(".state span").textContent = t(meter.closed ? "on" : "off");
  at.querySelector(".counted").textContent = `${(meter.counted_wh / 1000).toFixed(2)} kWh`;
  at.querySelector("dl").replaceChildren(...facts(meter.para));
  at.querySelector("label span").textContent = t("online");
  at.querySelector("input").checked = meter.online;
  at.querySelector("button").textContent = t("report");
}

function commandRow(command) {
  const row = element("li");
  row.append(element("span", t(command.method)), element("span", t(command.state), command.state), element("bdi", command.meterSn));
  return row;
}

function faultRow(kind, on) {
  const label = element("label", undefined, "row");
  const box = element("input");
  box.type = "checkbox";
  box.id = `fault-${kind}`;
  box.checked = on;
  box.addEventListener("change", () => switched(kind, box.checked));
  label.append(element("span", t(kind)), box);
  return label;
}

async function switched(kind, on) {
  if (on) {
    await fetch("control/faults", { method: "POST", body: JSON.stringify({ kind, seconds: SECONDS[kind] ?? 0 }) });
  } else {
    const found = (await (await fetch("control/faults")).json()).filter((fault) => fault.kind === kind);
    await Promise.all(found.map((fault) => fetch(`control/faults/${fault.id}`, { method: "DELETE" })));
  }
}

async function showFaults() {
  const listed = await (await fetch("control/faults")).json();
  const on = new Set(listed.filter((fault) => fault.times !== 0).map((fault) => fault.kind));
  byId("faults").replaceChildren(...KINDS.map((kind) => faultRow(kind, on.has(kind))));
}

async function show() {
  try {
    const found = await (await fetch("overview")).json();
    found.meters.forEach(showMeter);
    byId("commands").replaceChildren(...(found.commands.length ? found.commands.map(commandRow) : [element("li", t("nothing"))]));
  } catch {
    byId("commands").replaceChildren(element("li", t("lost")));
  }
}

function speak(name) {
  setLanguage(name);
  byId("language").textContent = t("language");
  showFaults();
  show();
}

byId("language").addEventListener("click", () => speak(language() === "en" ? "ar" : "en"));
speak(new URLSearchParams(location.search).get("lang") ?? "en");
setInterval(show, 500);

// The meter: its keypad, its display, and the house behind it.

import { showFaults } from "./faults.js";
import { language, setLanguage, t } from "./strings.js";

const $ = (id) => document.getElementById(id);
const number = decodeURIComponent(location.pathname.split("/").pop());
const address = `../meters/${encodeURIComponent(number)}`;
const GOOD = ["accepted", "key_section", "key_changed", "test"];
const DIGITS = /[٠-٩۰-۹]/g;

let digits = "";
let state = null;
let asOf = 0;
let entry = null;
let list = [];
const happened = [];

async function call(path, body) {
  const options = body ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {};
  const answer = await fetch(path, options);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

function see(found) {
  state = found;
  asOf = performance.now();
  show();
}

async function refresh() {
  try {
    see(await call(address));
  } catch {
    $("said").textContent = t("lost");
  }
}

async function change(what) {
  see(await call(`${address}/set`, what));
}

// Between two answers of the sandbox the credit falls by what the load takes.
function creditNow() {
  if (!state.supplied) return state.credit_wh;
  const hours = (performance.now() - asOf) / 3_600_000;
  return Math.max(0, state.credit_wh - state.load_watts * state.speed * hours);
}

function words({ result, units, detail }) {
  if (result === "accepted") return units ? t("accepted", `+${(units / 10).toFixed(1)}`) : t("accepted_setting");
  return t(result, detail);
}

function showCredit() {
  if (state) $("credit").textContent = (creditNow() / 1000).toFixed(2);
}

function show() {
  if (!state) return;
  showCredit();
  const label = language() === "ar" ? state.label_ar : state.label;
  document.title = `${t("title")} ${state.number}${label ? ` · ${label}` : ""}`;
  $("number").textContent = state.number;
  $("supply").textContent = t(state.supplied ? "supplied" : state.switched && state.turned_on ? "empty" : "off");
  $("line").textContent = t(state.connected && state.link !== "none" ? "reached" : "unreached");
  $("power").className = `lamp ${state.supplied ? "on" : "off"}`;
  $("pulse").className = `lamp ${state.supplied && state.load_watts ? "on" : ""}`;
  $("typed").textContent = digits.replace(/(.{4})(?=.)/g, "$1 ");
  $("said").textContent = entry ? words(entry) : "";
  $("lcd").className = `lcd ${entry ? (GOOD.includes(entry.result) ? "yes" : "no") : ""}`;
  if (document.activeElement !== $("load")) $("load").value = state.load_watts;
  $("watts").textContent = t("watts", state.load_watts);
  $("speed").value = state.speed;
  $("switched").checked = state.switched && state.turned_on;
  $("connected").checked = state.connected;
  $("counted").textContent = `${(state.counted_wh / 1000).toFixed(2)} ${t("kwh")}`;
  $("amperes").textContent = t("amps", state.amperes);
  $("revision").textContent = state.key_revision;
  $("link").textContent = t(state.link);
}

function showLog() {
  const rows = happened.map((one) => {
    const row = document.createElement("li");
    const said = document.createElement("span");
    said.className = GOOD.includes(one.entry.result) ? "yes" : "no";
    said.textContent = words(one.entry);
    const typed = document.createElement("bdi");
    typed.dir = "ltr";
    typed.textContent = one.digits.replace(/(.{4})(?=.)/g, "$1 ");
    row.append(said, typed);
    return row;
  });
  if (!rows.length) {
    const row = document.createElement("li");
    row.textContent = t("nothing");
    rows.push(row);
  }
  $("log").replaceChildren(...rows);
}

function showList() {
  const options = list.map((one) => {
    const label = language() === "ar" ? one.label_ar : one.label;
    const option = new Option(label ? `${one.number} · ${label}` : one.number, one.number);
    option.selected = one.number === number;
    return option;
  });
  $("meters").replaceChildren(...options);
}

async function enter() {
  if (!digits) return;
  const typed = digits;
  digits = "";
  try {
    const answer = await call(`${address}/enter`, { digits: typed });
    entry = answer.entry;
    happened.unshift({ digits: typed, entry });
    happened.length = Math.min(happened.length, 12);
    see(answer.meter);
    showLog();
  } catch {
    digits = typed;
    $("said").textContent = t("lost");
  }
}

function press(key) {
  if (key === "enter") return void enter();
  entry = null;
  if (key === "back") digits = digits.slice(0, -1);
  else if (digits.length < 20) digits += key;
  show();
}

function speak(name) {
  setLanguage(name);
  localStorage.setItem("meter-language", language());
  $("language").textContent = t("language");
  $("language").lang = language() === "ar" ? "en" : "ar";
  show();
  showLog();
  showList();
  showFaults();
}

const western = (text) => text.replace(DIGITS, (one) => String((one.codePointAt(0) & 0xf)));

$("keys").addEventListener("click", (event) => {
  const key = event.target.closest("button")?.dataset.key;
  if (key) press(key);
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
  const key = western(event.key);
  if (/^[0-9]$/.test(key)) press(key);
  else if (key === "Backspace") press("back");
  else if (key === "Enter" && !["A", "BUTTON", "SUMMARY"].includes(event.target.tagName)) press("enter");
});
document.addEventListener("paste", (event) => {
  const found = western(event.clipboardData.getData("text")).replace(/[^0-9]/g, "");
  if (!found) return;
  event.preventDefault();
  entry = null;
  digits = found.slice(0, 20);
  show();
});
$("meters").addEventListener("change", () => location.assign(encodeURIComponent($("meters").value)));
$("language").addEventListener("click", () => speak(language() === "ar" ? "en" : "ar"));
$("load").addEventListener("input", () => { $("watts").textContent = t("watts", $("load").value); });
$("load").addEventListener("change", () => { change({ load_watts: Number($("load").value) }); $("load").blur(); });
$("key-change").addEventListener("click", async () => {
  const wanted = { meter_no: number, revision: state.key_revision + 1 };
  try {
    await call("../control/key-change", wanted);
    $("planned").textContent = t("planned");
  } catch {
    $("planned").textContent = t("no_key");
  }
});
$("speed").addEventListener("change", () => change({ speed: Number($("speed").value) }));
for (const name of ["switched", "connected"]) $(name).addEventListener("change", () => change({ [name]: $(name).checked }));

speak(localStorage.getItem("meter-language") ?? (navigator.language.startsWith("ar") ? "ar" : "en"));
await refresh();
list = await call("../meters");
showList();
setInterval(refresh, 1500);
setInterval(showCredit, 100);

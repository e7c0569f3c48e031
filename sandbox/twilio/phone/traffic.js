// The right pane: each HTTP call in both directions.

import { clearTraffic } from "./api.js";
import { $, h } from "./dom.js";
import { t } from "./strings.js";

const KEEP = 300;
const pane = { rows: [], waiting: [], fresh: [], frame: 0, paused: false, text: "", kind: "", live: "off" };

const isRest = (row) => row.direction === "in";

function matches(row) {
  if (pane.kind === "rest" ? !isRest(row) : pane.kind && row.kind !== pane.kind) return false;
  if (!pane.text) return true;
  const words = [row.path, row.kind, row.status, row.note, ...row.form.flat(), row.response_body].join(" ").toLowerCase();
  return words.includes(pane.text);
}

function outcome(status) {
  if (status === null) return "none";
  return status < 300 ? "good" : status < 500 ? "refused" : "bad";
}

// The account is the same on every line; what differs is what counts.
function shortPath(path) {
  return path.replace(/^https?:\/\/[^/]+/, "").replace(/\/2010-04-01\/Accounts\/AC[0-9a-zA-Z]+/, "…").replace(/(SM|MM|ME|HX)([0-9a-f]{4})[0-9a-f]{28}/g, "$1$2…");
}

// An error document's code says more than the text that was refused.
function errorCode(row) {
  try { return `${JSON.parse(row.response_body).code} `; } catch { return ""; }
}

// What is said through prepared content are its variables.
function filled(variables) {
  try { return Object.values(JSON.parse(variables ?? "{}")).join(" · "); } catch { return variables; }
}

function gist(row) {
  if (row.kind === "create" && row.status >= 400) return errorCode(row) + (Object.fromEntries(row.form).Body ?? "");
  const fields = Object.fromEntries(row.form);
  if (row.kind === "callback") return fields.MessageStatus + (fields.ErrorCode ? ` ${fields.ErrorCode}` : "");
  if (fields.ContentSid) return filled(fields.ContentVariables) || fields.ContentSid;
  return fields.Body || fields.friendly_name || (fields.Latitude ? "📍" : fields.NumMedia > 0 ? fields.MediaContentType0 : (fields.MediaUrl ?? "").split("/").pop());
}

function table(title, pairs) {
  if (!pairs.length) return [];
  const lines = pairs.flatMap(([name, value]) => [h("dt", {}, name), h("dd", { dir: "auto" }, value)]);
  return [h("h4", {}, title), h("dl", { dir: "ltr" }, ...lines)];
}

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

function details(row) {
  return h("div", { class: "details" },
    h("p", { class: "full", dir: "ltr" }, `${row.method} ${row.path}`),
    ...table(`${t("request")} · ${t("fields")}`, row.form),
    ...table(`${t("request")} · ${t("headers")}`, row.request_headers),
    ...table(`${t("response")} · ${t("headers")}`, row.response_headers),
    row.response_body ? h("h4", {}, `${t("response")} · ${t("body")}`) : null,
    row.response_body ? h("pre", { dir: "ltr" }, pretty(row.response_body)) : null);
}

function line(row) {
  const head = h("button", { type: "button", class: "call", "aria-expanded": "false" },
    h("span", { class: `way way-${row.direction}`, "aria-hidden": "true" }, isRest(row) ? "↙" : "↗"),
    h("span", { class: "call-main" },
      h("span", { class: "call-path", dir: "ltr" }, h("b", {}, row.method), ` ${shortPath(row.path)}`),
      h("span", { class: "call-gist" }, h("span", { class: "kind" }, row.kind), row.note ? h("span", { class: "call-note" }, row.note) : null, h("bdi", {}, gist(row)))),
    h("span", { class: "call-end", dir: "ltr" }, h("span", { class: `code code-${outcome(row.status)}` }, row.status === null ? "×" : String(row.status)), h("small", {}, `${Math.round(row.ms)} ms`)));
  const item = h("li", { class: "row", "data-testid": "traffic-row", "data-kind": row.kind }, head);
  head.addEventListener("click", () => {
    const open = head.getAttribute("aria-expanded") === "true";
    head.setAttribute("aria-expanded", String(!open));
    if (open) item.querySelector(".details").remove();
    else item.append(details(row));
  });
  return item;
}

export function showTraffic() {
  pane.fresh = [];
  const shown = pane.rows.filter(matches);
  $("rows").replaceChildren(...(shown.length ? shown.map(line) : [h("li", { class: "nothing" }, t("noTraffic"))]));
}

export function setTraffic(items) {
  pane.rows = items.slice(-KEEP).reverse();
  pane.waiting = [];
  showTraffic();
}

export function addTraffic(row) {
  if (pane.paused) {
    pane.waiting.push(row);
    if (pane.waiting.length > KEEP) pane.waiting.shift();
    return;
  }
  pane.rows.unshift(row);
  pane.rows.length = Math.min(pane.rows.length, KEEP);
  if (!matches(row)) return;
  pane.fresh.unshift(row);
  pane.fresh.length = Math.min(pane.fresh.length, KEEP);
  if (!pane.frame) pane.frame = requestAnimationFrame(flush);
}

// All that came since the last frame, at once.
function flush() {
  pane.frame = 0;
  const list = $("rows");
  list.querySelector(".nothing")?.remove();
  const nodes = pane.fresh.splice(0).map(line);
  for (const node of nodes) node.classList.add("enter");
  list.prepend(...nodes);
  while (list.children.length > KEEP) list.lastChild.remove();
}

export function showLive(live = pane.live) {
  pane.live = live;
  const word = live === "off" ? "offline" : pane.paused ? "paused" : "live";
  $("live").dataset.live = pane.paused && live === "on" ? "paused" : live;
  $("live-text").textContent = t(word);
}

function pause() {
  pane.paused = !pane.paused;
  $("traffic-pause").setAttribute("aria-pressed", String(pane.paused));
  $("traffic-pause").querySelector("use").setAttribute("href", pane.paused ? "#i-play" : "#i-pause");
  $("traffic-pause").setAttribute("aria-label", t(pane.paused ? "resume" : "pause"));
  if (!pane.paused) for (const row of pane.waiting.splice(0)) addTraffic(row);
  showLive();
}

export function setUpTraffic() {
  showLive();
  $("traffic-pause").addEventListener("click", pause);
  $("traffic-clear").addEventListener("click", async () => { await clearTraffic(); setTraffic([]); });
  $("traffic-filter").addEventListener("input", (event) => { pane.text = event.target.value.trim().toLowerCase(); showTraffic(); });
  for (const button of $("traffic-kinds").children) {
    button.addEventListener("click", () => {
      pane.kind = button.dataset.kind;
      for (const one of $("traffic-kinds").children) one.setAttribute("aria-pressed", String(one === button));
      showTraffic();
    });
  }
}

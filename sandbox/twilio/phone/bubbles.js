// A message as a bubble: one function for each kind, and the ticks.

import { mediaUrl } from "./api.js";
import { choices } from "./choices.js";
import { $, clock, h, icon } from "./dom.js";
import { paragraphs } from "./format.js";
import { state } from "./state.js";
import { language, statusWord, t } from "./strings.js";
import { voicePlayer } from "./voice.js";

const WAITING = new Set(["queued", "accepted", "scheduled", "sending"]);
const BROKEN = new Set(["failed", "undelivered", "canceled"]);
const JUMBO = /^(\p{Extended_Pictographic}|\p{Emoji_Modifier}|\u200d|\ufe0f|\s){1,8}$/u;

const text = (message) => (message.body ? paragraphs(message.body, message.channel === "whatsapp") : []);

function picture(message, className) {
  return message.media.map((media) => {
    const local = message.mine || !media.url || /^https?:\/\/(127\.0\.0\.1|localhost)[:/]/.test(media.url);
    if (!local) return attachment(media);
    return h("img", { class: className, src: mediaUrl(media), alt: t("picture"), loading: "lazy" });
  });
}

function attachment(media) {
  const kind = media.content_type.split("/").pop().split(".").pop().toUpperCase();
  const facts = media.size ? `${kind} · ${size(media.size)}` : kind;
  return h("a", { class: "file", "data-testid": "document", href: media.url ?? mediaUrl(media), target: "_blank", rel: "noopener noreferrer" },
    h("span", { class: kind === "PDF" ? "file-icon is-pdf" : "file-icon", "aria-hidden": "true" }, icon("doc")),
    h("span", { class: "file-words" }, h("span", { class: "file-name" }, fileName(media)), h("small", {}, h("bdi", { dir: "ltr" }, facts))),
    h("span", { class: "file-open" }, t("openFile")));
}

const size = (bytes) => (bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`);

function fileName(media) {
  const last = (media.url ?? "").split(/[?#]/)[0].split("/").pop();
  if (media.name) return media.name;
  try { return decodeURIComponent(last) || t("document"); } catch { return last; }
}

// The message that was answered, in a few words; a touch leads to it.
function quote(message) {
  const about = state.messages.get(message.extra.reply_to);
  if (!about) return null;
  const words = about.body.replace(/[*_~`\u2066-\u2069]/g, "").split("\n").find((line) => line.trim()) ?? "";
  return h("button", { type: "button", class: "quote", "data-testid": "quote", onclick: () => showAgain(about.sid) },
    h("strong", {}, about.mine ? t("me") : $("company-name").textContent), h("span", {}, words));
}

function showAgain(sid) {
  const there = $("chat").querySelector(`[data-sid="${sid}"]`);
  there?.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  there?.classList.add("seen-again");
  setTimeout(() => there?.classList.remove("seen-again"), 1300);
}

function place(message) {
  const { latitude, longitude, label, address } = message.extra.location ?? {};
  return [
    h("div", { class: "map", "aria-hidden": "true" }, h("span", { class: "map-pin" }, icon("pin"))),
    h("p", { class: "line place", dir: "auto" }, label ?? address ?? ""),
    h("p", { class: "line coordinates", dir: "ltr" }, `${latitude}, ${longitude}`),
  ];
}

// What a kind looks like. A kind that is not here shows its text.
const RENDERERS = {
  text,
  button: (message) => [quote(message), ...text(message)],
  list: (message) => [quote(message), ...text(message)],
  buttons: text,
  picker: text,
  actions: text,
  image: (message) => [...picture(message, "photo"), ...text(message)],
  sticker: (message) => picture(message, "sticker"),
  video: (message) => [...message.media.map((media) => h("video", { class: "photo", src: mediaUrl(media), controls: true })), ...text(message)],
  voice: (message) => message.media.map((media) => voicePlayer(mediaUrl(media))),
  document: (message) => [...message.media.map(attachment), ...text(message)],
  location: place,
};

// What the company knows of its message; of the person's own, what became of the webhook.
export function tickStatus(message) {
  if (!message.mine) return message.status;
  if (!message.http) return "queued";
  const taken = message.http.http >= 200 && message.http.http < 400;
  if (!taken) return "failed";
  return message.read_by_company ? "read" : "delivered";
}

function tick(message) {
  const status = tickStatus(message);
  const shape = BROKEN.has(status) ? "alert" : WAITING.has(status) ? "clock" : status === "sent" ? "tick" : "ticks";
  const word = statusWord(status);
  return h("span", { class: "tick", "data-testid": "tick", "data-status": status, role: "img", "aria-label": word, title: word }, icon(shape));
}

function failure(message) {
  const status = tickStatus(message);
  if (!BROKEN.has(status)) return null;
  if (message.mine) {
    const why = message.http.http ? `HTTP ${message.http.http}` : message.http.error;
    return h("p", { class: "failure", "data-testid": "failure" }, `${t("webhookFailed")} · `, h("bdi", { dir: "ltr" }, why));
  }
  const code = message.error_code ? `${message.error_code} ${message.error_text}` : statusWord(status);
  return h("p", { class: "failure", "data-testid": "failure" }, `${t("notDelivered")} · `, h("bdi", { dir: "ltr" }, code));
}

function foot(message) {
  const parts = h("span", { class: "foot" });
  if (message.origin === "carrier") parts.append(h("span", { class: "origin" }, t("carrier")));
  else if (message.channel === "sms" && message.segments > 1) parts.append(h("span", { class: "origin" }, `${message.segments} ${t("segments")}`));
  parts.append(h("time", { datetime: message.at }, clock(message.at, language())));
  if (message.origin !== "carrier") parts.append(tick(message));
  return parts;
}

// A file of the company's can be shown only once it was fetched.
const notHereYet = (message) => !message.mine && message.media.length > 0 && WAITING.has(message.status);

export function bubble(message) {
  const broken = BROKEN.has(tickStatus(message));
  const classes = ["bubble", message.mine ? "mine" : "theirs", `kind-${message.kind}`];
  if (broken) classes.push("broken");
  if (!message.mine && (WAITING.has(message.status) || message.status === "sent")) classes.push("coming");
  if (message.kind === "text" && JUMBO.test(message.body)) classes.push("jumbo");
  const content = notHereYet(message) ? [h("div", { class: "photo" }), ...text(message)] : (RENDERERS[message.kind] ?? text)(message);
  return h("article", { class: classes.join(" "), "data-testid": message.mine ? "bubble-out" : "bubble-in", "data-sid": message.sid },
    h("div", { class: "content" }, ...content.filter(Boolean)), foot(message), choices(message), failure(message));
}

export function dayMark(iso) {
  const day = new Date(iso), now = new Date();
  const days = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(day).setHours(0, 0, 0, 0)) / 86_400_000);
  const words = days === 0 ? t("today") : days === 1 ? t("yesterday")
    : new Intl.DateTimeFormat(language() === "ar" ? "ar-u-nu-latn-ca-gregory" : "en-GB", { dateStyle: "medium" }).format(day);
  return h("p", { class: "day" }, h("span", {}, words));
}

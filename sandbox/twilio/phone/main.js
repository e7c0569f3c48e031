// The page: who I am, whom I write to, what is on the screen.

import * as api from "./api.js";
import { bubble, dayMark } from "./bubbles.js";
import { setUpChooser, showChooser } from "./chooser.js";
import { setUpComposer, showComposer } from "./composer.js";
import { $, clock, hue, initials, morph } from "./dom.js";
import { closePicker, setUpPicker } from "./picker.js";
import { isFollowing, setUpScrolling, toEnd } from "./scrolling.js";
import { setUpSheets } from "./sheets.js";
import { canUse, chatKey, everybody, person, sender, state, thisChat } from "./state.js";
import { language, setLanguage, t } from "./strings.js";
import { addTraffic, setTraffic, setUpTraffic, showLive, showTraffic } from "./traffic.js";
import { setUpTrouble, showTrouble } from "./trouble.js";

const GROUP_MS = 120_000;

function remember() {
  const { me, channel, company, others } = state;
  localStorage.setItem("phone", JSON.stringify({ me, channel, company, others, lang: language(), theme: document.documentElement.dataset.theme ?? "" }));
}

function recall() {
  let kept = {};
  try { kept = JSON.parse(localStorage.getItem("phone") ?? "{}"); } catch { /* what can't be read is as good as nothing */ }
  const asked = Object.fromEntries(new URLSearchParams(location.search));
  const first = { ...kept, ...asked };
  state.others = Array.isArray(kept.others) ? kept.others : [];
  Object.assign(state, { me: first.me ?? null, channel: first.channel === "sms" ? "sms" : "whatsapp", company: first.company ?? null });
  setLanguage(first.lang ?? (navigator.language.startsWith("ar") ? "ar" : "en"));
  if (first.theme) document.documentElement.dataset.theme = first.theme;
}

function settle() {
  if (!everybody().some((one) => one.address === state.me)) state.me = everybody()[0]?.address ?? null;
  if (state.me && !canUse(person(), state.channel)) state.channel = "whatsapp";
  const mine = state.senders.filter((one) => one.channel === state.channel);
  if (!mine.some((one) => one.address === state.company)) state.company = (mine.find((one) => one.two_way) ?? mine[0])?.address ?? null;
}

async function choose(changes) {
  Object.assign(state, changes);
  closePicker();
  settle();
  remember();
  showAll();
  await openChat();
  if (matchMedia("(min-width: 721px)").matches) $("composer").focus();
}

async function openChat() {
  const chat = thisChat();
  const wanted = chatKey(chat);
  state.messages = new Map();
  const { items } = await api.loadMessages(chat);
  if (wanted !== chatKey(thisChat())) return;
  // What came by event meanwhile is newer than the answer.
  state.messages = new Map([...items.map((item) => [item.sid, item]), ...state.messages]);
  const known = state.chats.get(wanted);
  if (known) Object.assign(known, { unread: 0, fresh: new Set() });
  showChat();
  showChooser();
  await look();
}

// While the page is hidden nobody reads.
const look = () => api.view(document.hidden || !state.me || !state.company ? null : thisChat());

function showHead() {
  const chosen = sender();
  const name = (language() === "ar" && chosen?.label_ar) || chosen?.label || state.company || "";
  $("handset").dataset.look = state.channel;
  $("company-name").textContent = name;
  $("company-avatar").textContent = initials(name);
  $("company-avatar").className = `avatar ${hue(name)}`;
  $("company-line").textContent = state.channel === "whatsapp" ? t("business") : `\u2066${state.company ?? ""}\u2069`;
}

function showAll() {
  showHead();
  showChooser();
  showComposer();
  showTrouble();
}

function grouped(message, before) {
  return before && before.mine === message.mine && before.origin === message.origin && new Date(message.at) - new Date(before.at) < GROUP_MS;
}

const day = (message) => new Date(message.at).toDateString();

function showChat() {
  const chat = $("chat");
  const nodes = [];
  let before = null;
  for (const message of [...state.messages.values()].sort((a, b) => a.seq - b.seq)) {
    if (!before || day(before) !== day(message)) nodes.push(dayMark(message.at));
    const node = bubble(message);
    if (grouped(message, before) && day(before) === day(message)) node.classList.add("follows");
    nodes.push(node);
    before = message;
  }
  if (!nodes.length) {
    const hint = document.createElement("p");
    hint.className = "empty";
    hint.textContent = sender()?.two_way === false ? t("emptyOneway") : t("empty");
    nodes.push(hint);
  }
  chat.replaceChildren(...nodes);
  toEnd();
}

function upsert(message) {
  const chat = $("chat");
  const known = state.messages.has(message.sid);
  const last = [...state.messages.values()].at(-1);
  state.messages.set(message.sid, message);
  const node = bubble(message);
  const old = chat.querySelector(`[data-sid="${message.sid}"]`);
  if (known && old) {
    const voice = old.querySelector(".voice");
    if (voice) node.querySelector(".voice")?.replaceWith(voice);
    for (const kept of ["follows", "enter"]) node.classList.toggle(kept, old.classList.contains(kept));
    morph(old, node);
    if (isFollowing()) toEnd();
    return;
  }
  if (!last || day(last) !== day(message)) {
    chat.querySelector(".empty")?.remove();
    chat.append(dayMark(message.at));
  } else if (grouped(message, last)) node.classList.add("follows");
  node.classList.add("enter");
  chat.append(node);
  toEnd({ smooth: true });
}

function onMessage(message) {
  setClock(message.now);
  const key = chatKey(message);
  const here = key === chatKey(thisChat());
  const { person: who, company, channel } = message;
  const chat = state.chats.get(key) ?? { person: who, company, channel, unread: 0, fresh: new Set() };
  if (!here && !message.mine && !message.seen && message.status === "delivered") chat.fresh.add(message.sid);
  if (message.seen) chat.fresh.delete(message.sid);
  state.chats.set(key, chat);
  if (here) {
    upsert(message);
    if (!message.mine) hideTyping();
  }
  showChooserSoon();
}

// Once for each frame, however many messages a campaign sends.
let frame = 0;

function showChooserSoon() {
  if (frame) return;
  frame = requestAnimationFrame(() => { frame = 0; showChooser(); });
}

let typingTimer = 0;

function onTyping(about) {
  if (about.person !== state.me || about.company !== state.company) return;
  $("company-line").textContent = t("typing");
  clearTimeout(typingTimer);
  typingTimer = setTimeout(showHead, 25_000);
}

function hideTyping() {
  clearTimeout(typingTimer);
  showHead();
}

function setClock(iso) {
  state.skew = new Date(iso) - Date.now();
  showTime();
}

function showTime() {
  $("status-time").textContent = clock(new Date(Date.now() + state.skew).toISOString(), "en");
}

async function refresh() {
  const fresh = await api.loadState();
  Object.assign(state, { people: fresh.people, senders: fresh.senders, settings: fresh.settings, faults: fresh.faults, samples: fresh.samples });
  state.chats = new Map(fresh.chats.map((chat) => [chatKey(chat), { ...chat, fresh: new Set() }]));
  setClock(fresh.now);
  settle();
  showAll();
  await openChat();
  setTraffic((await api.loadTraffic()).items);
}

function redraw() {
  remember();
  showAll();
  showChat();
  showTraffic();
  showLive();
}

function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  showThemeButton();
  remember();
}

function showThemeButton() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  $("theme").querySelector("use").setAttribute("href", dark ? "#i-sun" : "#i-moon");
  $("theme").setAttribute("aria-label", t("theme"));
  $("language").textContent = language() === "ar" ? "EN" : "ع";
  $("language").setAttribute("aria-label", t("language"));
}

recall();
setUpChooser(choose);
setUpComposer();
setUpTraffic();
setUpTrouble();
setUpPicker();
setUpScrolling();
setUpSheets();
showThemeButton();
$("theme").addEventListener("click", toggleTheme);
$("language").addEventListener("click", () => {
  setLanguage(language() === "ar" ? "en" : "ar");
  showThemeButton();
  redraw();
});
document.addEventListener("visibilitychange", look);
setInterval(showTime, 5000);
api.listen({
  hello: () => { showLive("on"); refresh(); },
  reload: () => refresh(),
  message: onMessage,
  traffic: addTraffic,
  typing: onTyping,
  faults: ({ items }) => { state.faults = items; showTrouble(); },
  settings: (settings) => { state.settings = settings; showTrouble(); },
  lost: () => showLive("off"),
});

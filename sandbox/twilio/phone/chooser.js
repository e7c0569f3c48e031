// The left pane: channel, company number, person.

import { $, h, hue, initials, update } from "./dom.js";
import { closeSheets } from "./sheets.js";
import { canUse, chatKey, everybody, state } from "./state.js";
import { language, t } from "./strings.js";

let choose = null;

const unreadIn = (chat) => (chat ? chat.unread + chat.fresh.size : 0);

function unreadOf(matches) {
  let sum = 0;
  for (const [key, chat] of state.chats) if (matches(chat, key)) sum += unreadIn(chat);
  return sum;
}

function badge(count) {
  return count ? h("span", { class: "badge", "aria-label": `${count} ${t("unread")}` }, String(count)) : null;
}

function personRow(one) {
  const arabic = language() === "ar";
  const name = arabic ? one.name_ar : one.name;
  const note = (arabic && one.note_ar) || one.note;
  const chosen = one.address === state.me;
  const button = h("button", {
    type: "button", class: "person", "aria-pressed": String(chosen), disabled: !canUse(one, state.channel),
    "data-testid": `person-${one.address}`, onclick: () => { choose({ me: one.address }); closeSheets(); },
  },
  h("span", { class: `avatar ${hue(one.name)}`, "aria-hidden": "true" }, one.other ? "#" : initials(name)),
  h("span", { class: "who" },
    h("strong", { dir: one.other ? "ltr" : "auto" }, name),
    note ? h("span", { class: "note", dir: "auto" }, note) : null,
    one.other ? null : h("span", { class: "address" }, one.phone ? h("bdi", { dir: "ltr" }, one.phone) : t("noPhone"))),
  badge(unreadOf((chat) => chat.person === one.address)));
  return h("li", { "data-testid": `row-${one.address}` }, button);
}

function companyChoice(one) {
  const chosen = one.address === state.company;
  const chat = state.chats.get(chatKey({ person: state.me, company: one.address, channel: one.channel }));
  return h("button", { type: "button", class: "choice", "aria-pressed": String(chosen), "data-testid": `company-${one.address}`, onclick: () => choose({ company: one.address }) },
    h("span", { class: "who" }, h("strong", { dir: "auto" }, (language() === "ar" && one.label_ar) || one.label), h("bdi", { class: "address", dir: "ltr" }, one.address)),
    badge(chosen ? 0 : unreadIn(chat)));
}

export function showChooser() {
  for (const button of $("channels").children) {
    const channel = button.dataset.channel;
    button.setAttribute("aria-pressed", String(channel === state.channel));
    button.classList.toggle("fresh", channel !== state.channel && unreadOf((chat) => chat.person === state.me && chat.channel === channel) > 0);
  }
  update($("companies"), state.senders.filter((one) => one.channel === state.channel).map(companyChoice));
  update($("people"), everybody().map(personRow));
  const elsewhere = unreadOf((_, key) => key !== chatKey({ person: state.me, company: state.company, channel: state.channel }));
  $("other-unread").hidden = !elsewhere;
}

function useOther(event) {
  event.preventDefault();
  const number = $("other-number").value.replace(/[\s()-]/g, "").replace(/^00/, "+");
  if (!/^\+[1-9]\d{6,14}$/.test(number)) {
    $("other-hint").textContent = t("otherBad");
    return;
  }
  $("other-hint").textContent = "";
  $("other-number").value = "";
  const known = everybody().some((one) => one.address === number);
  choose({ me: number, others: known ? state.others : [...state.others, number] });
  closeSheets();
}

export function setUpChooser(chooseWith) {
  choose = chooseWith;
  for (const button of $("channels").children) button.addEventListener("click", () => choose({ channel: button.dataset.channel }));
  $("other").addEventListener("submit", useOther);
}

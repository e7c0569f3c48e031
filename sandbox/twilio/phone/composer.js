// Writing: text, emoji, files, location.

import { sendInbound } from "./api.js";
import { $, h, icon } from "./dom.js";
import { sending } from "./sending.js";
import { sender, state } from "./state.js";
import { t } from "./strings.js";

const EMOJI = ["👋", "🙏", "👍", "😊", "😅", "😢", "😡", "🤔", "❤️", "🎉", "✅", "❌", "⚡", "💡", "🔌", "💧", "🧾", "💳", "📷", "📍", "🕐", "🌙", "☀️", "🇸🇦"];
const ICONS = { image: "photo", audio: "mic", application: "doc" };

const send = (message) => sending((how) => sendInbound({ from: state.me, to: state.company, channel: state.channel, ...how, ...message }));

function grow() {
  const field = $("composer");
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 132)}px`;
  $("composer-form").classList.toggle("ready", field.value.trim() !== "");
}

function submit(event) {
  event?.preventDefault();
  const body = $("composer").value;
  if (!body.trim()) return;
  $("composer").value = "";
  grow();
  send({ body });
}

function readFile(file) {
  const reader = new FileReader();
  reader.onload = () => send({ body: $("composer").value.trim(), media: [{ name: file.name, content_type: file.type || "application/octet-stream", data_base64: reader.result.split(",")[1] }] });
  reader.readAsDataURL(file);
}

const LOCATION = { latitude: 24.6949, longitude: 46.6846 };

function attachments() {
  const entry = (label, visual, act, testid) =>
    h("button", { type: "button", role: "menuitem", class: "attachment", "data-testid": testid, onclick: () => { closePopovers(); act(); } }, visual, h("span", {}, label));
  const visual = (name) => h("span", { class: `attachment-icon of-${name}` }, icon(name));
  const samples = state.samples.map((sample) => {
    const shown = sample.content_type.startsWith("image/")
      ? h("img", { src: `/phone/files/samples/${sample.file}`, alt: "" })
      : visual(ICONS[sample.content_type.split("/")[0]]);
    return entry(t(sample.name), shown, () => send({ media: [sample.name] }), `attach-${sample.name}`);
  });
  return [
    entry(t("photo"), visual("photo"), () => $("file").click(), "attach-file"),
    entry(t("location"), visual("pin"), () => send({ location: { ...LOCATION, label: t("place"), address: t("place") } }), "attach-location"),
    ...samples,
  ];
}

function emojis() {
  return EMOJI.map((char) => h("button", {
    type: "button", role: "menuitem", onclick: () => {
      const field = $("composer");
      field.setRangeText(char, field.selectionStart, field.selectionEnd, "end");
      grow();
      field.focus();
    },
  }, char));
}

function closePopovers() {
  for (const name of ["attach", "emoji"]) {
    $(name).hidden = true;
    $(`${name}-button`).setAttribute("aria-expanded", "false");
  }
}

function toggle(name) {
  const opening = $(name).hidden;
  closePopovers();
  if (!opening) return;
  $(name).replaceChildren(...(name === "attach" ? attachments() : emojis()));
  $(name).hidden = false;
  $(`${name}-button`).setAttribute("aria-expanded", "true");
  $(name).querySelector("button").focus();
}

export function showComposer() {
  closePopovers();
  const oneway = sender()?.two_way === false;
  $("composer-form").hidden = oneway;
  $("oneway").hidden = !oneway;
  $("oneway").textContent = t("oneway");
  grow();
}

export function setUpComposer() {
  $("composer-form").addEventListener("submit", submit);
  $("composer").addEventListener("input", grow);
  $("composer").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  });
  for (const name of ["attach", "emoji"]) $(`${name}-button`).addEventListener("click", () => toggle(name));
  $("file").addEventListener("change", () => {
    if ($("file").files[0]) readFile($("file").files[0]);
    $("file").value = "";
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") closePopovers(); });
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest(".popover, .composer")) closePopovers();
  });
}

// A voice note: play, progress, time.

import { h, icon } from "./dom.js";
import { t } from "./strings.js";

const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

export function voicePlayer(url) {
  const audio = new Audio();
  audio.preload = "metadata";
  audio.src = url;
  const button = h("button", { type: "button", class: "voice-play", "aria-label": t("play") }, icon("play"));
  const waves = h("span", { class: "waves", "aria-hidden": "true" }, ...Array.from({ length: 28 }, (_, n) => h("i", { class: `w${(n * 7 + 3) % 6}` })));
  const time = h("small", { dir: "ltr" }, "0:00");

  function show() {
    const total = Number.isFinite(audio.duration) ? audio.duration : 0;
    const share = total ? audio.currentTime / total : 0;
    [...waves.children].forEach((bar, n) => bar.classList.toggle("done", n / waves.children.length < share));
    time.textContent = minutes(audio.paused && !audio.currentTime ? total : audio.currentTime);
    button.replaceChildren(icon(audio.paused ? "play" : "pause"));
  }
  for (const name of ["loadedmetadata", "timeupdate", "play", "pause", "ended"]) audio.addEventListener(name, show);
  button.addEventListener("click", () => (audio.paused ? audio.play() : audio.pause()));
  return h("div", { class: "voice" }, button, waves, time);
}

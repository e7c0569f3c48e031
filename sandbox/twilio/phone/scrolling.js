// The chat stays at its end while the reader is there, also when a picture arrives late and makes room for itself.

import { $ } from "./dom.js";

const NEAR = 60;
let following = true;

export function toEnd({ smooth = false } = {}) {
  const chat = $("chat");
  following = true;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  chat.scrollTo({ top: chat.scrollHeight, behavior: smooth && !calm ? "smooth" : "auto" });
}

export const isFollowing = () => following;

export function setUpScrolling() {
  const chat = $("chat");
  let last = 0;
  chat.addEventListener("scroll", () => {
    // Only a reader moves up: what arrives moves nothing, or down.
    const atEnd = chat.scrollHeight - chat.scrollTop - chat.clientHeight < NEAR;
    if (atEnd) following = true;
    else if (chat.scrollTop < last) following = false;
    last = chat.scrollTop;
  }, { passive: true });
  for (const name of ["load", "loadedmetadata"]) chat.addEventListener(name, () => { if (following) toEnd(); }, true);
}

// What goes out from this phone: with the trouble that is switched on, and a word when it could not go.

import { $, h } from "./dom.js";
import { state } from "./state.js";

export async function sending(call) {
  const { twice, atOnce } = state.trouble;
  try {
    await call({ duplicate: twice || atOnce || undefined, at_once: atOnce || undefined });
  } catch (error) {
    const line = h("p", { class: "notice", role: "alert" }, error.message);
    $("chat").append(line);
    setTimeout(() => line.remove(), 6000);
  }
}

// The vendor's faults, as switches.

import { t } from "./strings.js";

const KINDS = ["slow", "timeout_before", "timeout_after", "error_500", "error_500_after", "duplicate", "out_of_credit", "unknown_meter"];
const SECONDS = { slow: 5 };
const faults = "../control/faults";

async function switched(kind, on) {
  if (on) {
    await fetch(faults, { method: "POST", body: JSON.stringify({ kind, seconds: SECONDS[kind] ?? 0 }) });
  } else {
    const found = (await (await fetch(faults)).json()).filter((fault) => fault.kind === kind);
    await Promise.all(found.map((fault) => fetch(`${faults}/${fault.id}`, { method: "DELETE" })));
  }
}

function row(kind, on) {
  const label = document.createElement("label");
  label.className = "row";
  const name = document.createElement("span");
  name.textContent = t(kind);
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = on;
  box.id = `fault-${kind}`;
  box.addEventListener("change", () => switched(kind, box.checked));
  label.append(name, box);
  return label;
}

export async function showFaults() {
  const listed = await (await fetch(faults)).json();
  const on = new Set(listed.filter((fault) => fault.times !== 0).map((fault) => fault.kind));
  document.getElementById("faults").replaceChildren(...KINDS.map((kind) => row(kind, on.has(kind))));
}

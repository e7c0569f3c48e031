// Small helpers: nothing on this page ever parses a message as HTML.

export const $ = (id) => document.getElementById(id);

export function h(tag, attributes = {}, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") el.className = value;
    else if (name.startsWith("on")) el.addEventListener(name.slice(2), value);
    else el.setAttribute(name, value === true ? "" : value);
  }
  el.append(...children.filter((child) => child !== null && child !== undefined));
  return el;
}

export function icon(name, className = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  svg.setAttribute("aria-hidden", "true");
  if (className) svg.setAttribute("class", className);
  return svg;
}

export function clock(iso, lang) {
  return new Intl.DateTimeFormat(lang === "ar" ? "ar-u-nu-latn" : "en-GB", { hour: "2-digit", minute: "2-digit", hour12: false })
    .format(new Date(iso));
}

export function initials(name) {
  return name.split(/\s+/).filter(Boolean).slice(0, 2).map((word) => [...word.replace(/^(ال|Al-)/, "")][0] ?? "").join("\u200c");
}

export function hue(text) {
  let sum = 7;
  for (const char of text) sum = (sum * 31 + char.codePointAt(0)) % 360;
  return `hue-${Math.floor(sum / 45)}`;
}

// Makes `old` like `fresh` and keeps its nodes, so that focus and a click under way survive a redraw.
export function morph(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  const same = old.nodeType === 1 && old.nodeName === fresh.nodeName && old.dataset.testid === fresh.dataset.testid;
  if (!same || old.namespaceURI.endsWith("svg")) {
    old.replaceWith(fresh);
    return;
  }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  update(old, [...fresh.childNodes]);
}

export function update(container, nodes) {
  const before = [...container.childNodes];
  nodes.forEach((node, n) => (before[n] ? morph(before[n], node) : container.append(node)));
  for (const extra of before.slice(nodes.length)) extra.remove();
}

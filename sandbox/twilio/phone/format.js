// WhatsApp's formatting and links, as DOM nodes.

import { h } from "./dom.js";

const MARKS = { "*": "strong", _: "em", "~": "s" };
const TOKEN = /```([\s\S]+?)```|(https?:\/\/[^\s<>"'\u2066-\u2069]+)|(?<![\p{L}\p{N}])([*_~])(?=\S)((?:(?!\3|\n).)*?\S)\3(?![\p{L}\p{N}])/gu;

function inline(text, formatted) {
  const nodes = [];
  let last = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, mono, link, mark, marked] = match;
    if (!formatted && !link) continue;
    if (match.index > last) nodes.push(text.slice(last, match.index));
    if (mono) nodes.push(h("code", {}, mono));
    else if (link) nodes.push(...anchor(link));
    else nodes.push(h(MARKS[mark], {}, ...inline(marked, formatted)));
    last = match.index + whole.length;
  }
  if (last < text.length) nodes.push(text.slice(last));
  return nodes;
}

// A stop that ends the sentence does not belong to the address.
function anchor(link) {
  const address = link.replace(/[.,;:!?،؛؟)\]*_~]+$/u, "");
  return [h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, address), link.slice(address.length)];
}

// A monospaced part may run over several lines; then it is a block of its own.
const MONO = /```([\s\S]+?)```/g;

const block = (code) => h("p", { class: "line mono", dir: "auto" }, h("code", {}, code.replace(/^\n|\n$/g, "")));

function lines(text, formatted) {
  return text.split("\n").map((line) =>
    line.trim() ? h("p", { class: "line", dir: "auto" }, ...inline(line, formatted)) : h("p", { class: "line gap" }));
}

function withBlocks(text) {
  const nodes = [];
  let last = 0;
  const between = (end) => {
    const words = text.slice(last, end).replace(/^\n|\n$/g, "");
    if (words) nodes.push(...lines(words, true));
  };
  for (const { 0: whole, 1: code, index } of text.matchAll(MONO)) {
    if (!code.includes("\n")) continue;
    between(index);
    nodes.push(block(code));
    last = index + whole.length;
  }
  between(text.length);
  return nodes;
}

// One block for each paragraph, so that each finds its own direction.
export const paragraphs = (text, formatted) => (formatted ? withBlocks(text) : lines(text, formatted));

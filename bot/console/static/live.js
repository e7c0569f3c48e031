// What is live on a page: whenever something changes that it is about, the parts that may have changed are loaded anew.
(() => {
  "use strict";
  const body = document.body;
  const { events, topics, about } = body.dataset;
  if (!events || !topics || !("EventSource" in window)) return;
  const REST = 400;
  let asked = false, busy = false, rested = 0;

  const refresh = async () => {
    if (busy) { asked = true; return; }
    busy = true;
    asked = false;
    const wait = rested + REST - Date.now();
    if (wait > 0) await new Promise((go) => setTimeout(go, wait));
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
      if (answer.redirected) { location.reload(); return; }
      if (answer.ok) replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch { /* the next event tries again */ }
    rested = Date.now();
    busy = false;
    if (asked) refresh();
  };

  const replace = (fresh) => {
    for (const old of document.querySelectorAll("[data-live]")) {
      const its = fresh.querySelector(`[data-live="${old.dataset.live}"]`);
      // Where somebody is at work nothing moves.
      if (!its || old.innerHTML === its.innerHTML || old.querySelector("form:focus-within") || isBegun(old)) continue;
      const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      old.replaceChildren(...its.childNodes);
      if (focused) old.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
    }
    body.dataset.refreshed = String(Number(body.dataset.refreshed || 0) + 1);
  };

  // What somebody has begun to write, or has chosen, is not taken from them.
  const isBegun = (part) => [...part.querySelectorAll("textarea, input:not([type=hidden])")].some(
    (one) => one.type === "file" ? one.files.length > 0 : one.value !== one.defaultValue);

  const concerns = (data) => !about || data.includes(about) || data.includes('"many"');
  const SOON = 2_000, LATEST = 60_000;
  let source = null, wait = SOON, missed = false;
  const isGone = () => source.readyState === EventSource.CLOSED;
  const listen = () => {
    source = new EventSource(`${events}?topics=${topics}`);
    for (const topic of topics.split(",")) {
      source.addEventListener(topic, (event) => { if (concerns(event.data)) refresh(); });
    }
    source.addEventListener("reload", refresh);
    source.addEventListener("hello", () => {
      body.dataset.listening = "yes";
      wait = SOON;
      if (missed) { missed = false; refresh(); }
    });
    source.addEventListener("error", again);
  };
  // A browser tries again by itself, but not where a proxy or the service answered with an error: while it restarts.
  const again = () => {
    if (!isGone()) return;
    missed = true;
    setTimeout(() => { if (isGone() && !document.hidden) listen(); }, wait * (0.5 + Math.random()));
    wait = Math.min(wait * 2, LATEST);
  };

  // Nobody looks at a page that is hidden. And over HTTP/1.1 a browser has six connections to a host: pages that listen
  // in the background would take them from the one that is looked at.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { source.close(); return; }
    if (isGone()) { listen(); refresh(); }
  });
  listen();
})();

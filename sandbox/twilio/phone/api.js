// Calls to the sandbox.

async function call(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.error ?? answer.statusText);
  return data;
}

const query = (values) => new URLSearchParams(values).toString();

export const page = Math.random().toString(36).slice(2);
export const loadState = () => call("GET", "/phone/state");
export const loadMessages = (chat) => call("GET", `/phone/messages?${query(chat)}`);
export const loadTraffic = () => call("GET", "/phone/traffic");
export const clearTraffic = () => call("DELETE", "/phone/traffic");
export const view = (chat) => call("POST", "/phone/viewing", { page, open: Boolean(chat), ...chat });
export const sendInbound = (message) => call("POST", "/control/inbound", message);
export const sendTap = (tap) => call("POST", "/control/tap", tap);
export const addFault = (fault) => call("POST", "/control/faults", fault);
export const removeFault = (id) => call("DELETE", `/control/faults/${id}`);
export const clearFaults = () => call("DELETE", "/control/faults");
export const changeSettings = (values) => call("POST", "/control/settings", values);
export const setWindow = (company, person, open) => call("POST", "/control/window", { company, person, open });
export const mediaUrl = (media) => `/phone/media/${media.sid}?${query({ type: media.content_type })}`;

// The browser connects again by itself; `hello` comes at each connection.
export function listen(handlers) {
  const source = new EventSource(`/phone/events?${query({ page })}`);
  for (const [name, handler] of Object.entries(handlers)) {
    if (name !== "lost") source.addEventListener(name, (event) => handler(JSON.parse(event.data)));
  }
  source.onerror = () => handlers.lost();
}

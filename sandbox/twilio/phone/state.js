// What the page knows, and questions about it.

export const state = {
  people: [], senders: [], chats: new Map(), settings: {}, faults: [], samples: [],
  me: null, channel: "whatsapp", company: null, others: [], messages: new Map(), skew: 0, trouble: {},
};

export const chatKey = (chat) => [chat.person, chat.company, chat.channel].join("|");
export const thisChat = () => ({ person: state.me, company: state.company, channel: state.channel });
export const person = () => everybody().find((one) => one.address === state.me);
export const sender = () => state.senders.find((one) => one.channel === state.channel && one.address === state.company);

export function everybody() {
  return [...state.people, ...state.others.map((number) => ({ address: number, phone: number, name: number, name_ar: number, note: "", note_ar: "", other: true }))];
}

export function canUse(one, channel) {
  return channel === "whatsapp" || Boolean(one.phone);
}

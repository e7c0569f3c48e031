// The words of the page itself, in its two languages.

const en = {
  title: "The phone", subtitle: "Choose who to be.", skip: "Skip to the message field",
  channel: "Channel", whatsapp: "WhatsApp", sms: "SMS", companies: "Write to", people: "You are", other: "Or any other number", use: "Use",
  otherBad: "A number with its +, such as +966500000001", message: "Message", send: "Send", attach: "Attach",
  emoji: "Emoji", trouble: "Trouble", traffic: "Traffic", close: "Close", conversation: "Conversation",
  filter: "Filter", all: "All", webhooks: "Webhooks", callbacks: "Callbacks", pause: "Pause", resume: "Go on",
  clear: "Clear", live: "live", offline: "reconnecting…", paused: "paused", language: "العربية", theme: "Light or dark",
  today: "Today", yesterday: "Yesterday", typing: "typing…", business: "Business account", textMessages: "Text messages",
  oneway: "A registered name: it only sends, nobody can answer it.", empty: "Say hello, and the conversation begins.",
  emptyOneway: "Notices from this name will appear here.", notDelivered: "Not delivered", carrier: "from the carrier",
  noTraffic: "Each call between the service and Twilio appears here as it happens.",
  webhookFailed: "The service did not take it", unread: "unread", noPhone: "no visible phone number",
  photo: "Photo or file…", meter: "Meter", receipt: "Receipt", street: "Street light", voice: "Voice note",
  sticker: "Sticker", document: "Bill (PDF)", location: "Location", place: "Olaya, Riyadh",
  play: "Play", openFile: "Open", me: "You", picture: "Picture", segments: "segments", more: "Details",
  request: "Request", response: "Answer", headers: "Headers", fields: "Fields", body: "Body", noAnswer: "no answer",
  troubleHint: "What goes wrong in real life, at the turn of a switch.",
  groupMe: "My messages", groupPhone: "My phone", groupTwilio: "Twilio and the service", reset: "All is well again",
  twice: "Deliver each one twice", twiceHint: "the same webhook again",
  atOnce: "…both at the same instant", atOnceHint: "from two connections",
  lose: "Lose them on the way", loseHint: "the webhook is never called",
  late: "Deliver them 4 seconds late", lateHint: "others may overtake",
  off: "Switched off", offHint: "nothing gets past one tick",
  window: "24-hour window closed", windowHint: "free text fails with 63016 until I write",
  autoRead: "Always read at once", autoReadHint: "even with the chat closed",
  err500: "Answer 500, yet send", err500Hint: "the service can't know",
  lost: "Lose the answer", lostHint: "accepted, connection cut", busy: "Too many requests", busyHint: "429 on each send",
  cbTwice: "Callbacks twice", cbTwiceHint: "the same status again",
  cbOrder: "Callbacks out of order", cbOrderHint: "delivered before sent",
  cbLose: "Lose half of the callbacks", cbLoseHint: "by chance",
  cbEarly: "Callback before the answer", cbEarlyHint: "sent is told first",
  groupUnsure: "What Twilio leaves open",
  listButton: "A list row comes as a button", listButtonHint: "ButtonPayload instead of ListId",
  listBody: "A list row comes as text only", listBodyHint: "its title, and nothing else",
  bodyEmpty: "Buttons and lists have no body", bodyEmptyHint: "in Twilio’s list of messages",
  approvalHold: "Hold templates", approvalHoldHint: "WhatsApp does not decide",
  approvalReject: "Reject templates", approvalRejectHint: "WhatsApp refuses each",
  fail: "Fail what I am sent", failHint: "63003, not on WhatsApp", fired: "times", status: {
    queued: "waiting", accepted: "accepted", scheduled: "scheduled", sending: "on its way", sent: "sent",
    delivered: "delivered", read: "read", failed: "failed", undelivered: "undelivered", canceled: "canceled",
  },
};

const ar = {
  title: "الهاتف", subtitle: "اختر من تكون.", skip: "إلى حقل الرسالة",
  channel: "القناة", whatsapp: "واتساب", sms: "رسائل نصية", companies: "المراسَل", people: "أنت", other: "أو أي رقم آخر", use: "استخدم",
  otherBad: "رقم يبدأ بعلامة +، مثل ‎+966500000001", message: "اكتب رسالة", send: "إرسال", attach: "إرفاق",
  emoji: "رموز تعبيرية", trouble: "أعطال", traffic: "حركة الاتصال", close: "إغلاق", conversation: "المحادثة",
  filter: "تصفية", all: "الكل", webhooks: "الواردة", callbacks: "الحالات", pause: "إيقاف مؤقت", resume: "متابعة",
  clear: "مسح", live: "مباشر", offline: "جارٍ الاتصال من جديد…", paused: "متوقف مؤقتًا", language: "English", theme: "فاتح أو داكن",
  today: "اليوم", yesterday: "أمس", typing: "يكتب…", business: "حساب أعمال", textMessages: "رسائل نصية",
  oneway: "اسم مسجَّل: يرسل فقط ولا يمكن الرد عليه.", empty: "ابدأ بالتحية لتبدأ المحادثة.",
  emptyOneway: "ستظهر هنا الإشعارات المرسلة من هذا الاسم.", notDelivered: "لم تصل", carrier: "من شركة الاتصالات",
  noTraffic: "يظهر هنا كل اتصال بين الخدمة وتويليو لحظة حدوثه.",
  webhookFailed: "لم تستلمها الخدمة", unread: "غير مقروءة", noPhone: "رقم الهاتف غير ظاهر",
  photo: "صورة أو ملف…", meter: "عدّاد", receipt: "إيصال", street: "إنارة شارع", voice: "رسالة صوتية",
  sticker: "ملصق", document: "فاتورة (PDF)", location: "الموقع", place: "العليا، الرياض",
  play: "تشغيل", openFile: "فتح", me: "أنت", picture: "صورة", segments: "أجزاء", more: "التفاصيل",
  request: "الطلب", response: "الرد", headers: "الترويسات", fields: "الحقول", body: "المحتوى", noAnswer: "بلا رد",
  troubleHint: "ما يحدث في الواقع من أعطال، بضغطة زر.",
  groupMe: "رسائلي", groupPhone: "هاتفي", groupTwilio: "تويليو والخدمة", reset: "أعِد كل شيء كما كان",
  twice: "سلِّم كل رسالة مرتين", twiceHint: "الإشعار نفسه يتكرر",
  atOnce: "…وفي اللحظة نفسها", atOnceHint: "عبر اتصالين",
  lose: "أضعها في الطريق", loseHint: "لا يصل الإشعار إلى الخدمة",
  late: "أخّرها أربع ثوانٍ", lateHint: "قد تسبقها رسائل أخرى",
  off: "الهاتف مغلق", offHint: "لا يتجاوز شيء العلامة الواحدة",
  window: "أغلق مهلة 24 ساعة", windowHint: "يفشل النص الحر بالرمز 63016 حتى أكتب",
  autoRead: "اقرأ كل شيء فورًا", autoReadHint: "حتى والمحادثة مغلقة",
  err500: "أجب 500 ومع ذلك أرسل", err500Hint: "لا تعلم الخدمة ما حدث",
  lost: "أضع الرد", lostHint: "قُبلت ثم قُطع الاتصال", busy: "طلبات كثيرة", busyHint: "429 عند كل إرسال",
  cbTwice: "الحالات مرتين", cbTwiceHint: "الحالة نفسها تتكرر",
  cbOrder: "الحالات بغير ترتيب", cbOrderHint: "«وصلت» قبل «أُرسلت»",
  cbLose: "أضع نصف الحالات", cbLoseHint: "عشوائيًا",
  cbEarly: "الحالة قبل الرد", cbEarlyHint: "تصل «أُرسلت» أولًا",
  groupUnsure: "ما لم توضحه تويليو",
  listButton: "صف القائمة يصل كزر", listButtonHint: "ButtonPayload بدل ListId",
  listBody: "صف القائمة يصل نصًا فقط", listBodyHint: "عنوانه دون غيره",
  bodyEmpty: "الأزرار والقوائم بلا نص", bodyEmptyHint: "في قائمة رسائل تويليو",
  approvalHold: "علّق القوالب", approvalHoldHint: "لا يبتّ واتساب فيها",
  approvalReject: "ارفض القوالب", approvalRejectHint: "يرفضها واتساب كلها",
  fail: "أفشِل ما يُرسل إليّ", failHint: "63003، ليس على واتساب", fired: "مرات", status: {
    queued: "في الانتظار", accepted: "مقبولة", scheduled: "مجدولة", sending: "في الطريق", sent: "أُرسلت",
    delivered: "وصلت", read: "قُرئت", failed: "فشلت", undelivered: "لم تصل", canceled: "أُلغيت",
  },
};

const languages = { en, ar };
let current = "en";

export const t = (key) => languages[current][key] ?? en[key] ?? key;
export const statusWord = (status) => languages[current].status[status] ?? status;
export const language = () => current;

export function setLanguage(name) {
  current = languages[name] ? name : "en";
  document.documentElement.lang = current;
  document.documentElement.dir = current === "ar" ? "rtl" : "ltr";
  for (const el of document.querySelectorAll("[data-t]")) el.textContent = t(el.dataset.t);
  for (const el of document.querySelectorAll("[data-t-label]")) el.setAttribute("aria-label", t(el.dataset.tLabel));
  for (const el of document.querySelectorAll("[data-t-placeholder]")) el.placeholder = t(el.dataset.tPlaceholder);
  for (const el of document.querySelectorAll("[data-close]")) el.setAttribute("aria-label", t("close"));
  document.title = t("title");
}

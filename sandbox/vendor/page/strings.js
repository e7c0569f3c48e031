// What the page says, in both languages.

const TEXTS = {
  en: {
    title: "Meter", meter: "Meter", phone: "To the phone", language: "العربية", brand: "Prepaid electricity", kwh: "kWh",
    hint: "Type or paste the 20 digits, then press ⏎.", house: "Behind the meter", load: "Switched on",
    speed: "Speed of time", switched: "Supply connected", connected: "On the vendor's line", counted: "Counted so far",
    amperes: "Limit", revision: "Key revision", link: "Line", happened: "What happened", nothing: "Nothing yet.",
    rf: "Radio", wired: "Wired", none: "None", supplied: "Electricity on", empty: "No credit", off: "Disconnected",
    unreached: "out of reach", reached: "on line", watts: "{n} W", amps: "{n} A",
    accepted: "Accepted: {n} kWh", accepted_setting: "Accepted", used: "Used before", old: "Too old", rejected: "Refused",
    not_a_token: "Not a token: 20 digits", key_expired: "The key has expired", test: "Test passed",
    key_section: "Key change: part {n} taken", key_changed: "New key: revision {n}", lost: "The sandbox does not answer",
    vendor: "The vendor's bad day", vendor_hint: "What is ticked happens to every purchase until it is unticked.",
    slow: "Answers only after 5 seconds", error_500: "Says 500, and did nothing", error_500_after: "Says 500, and did issue",
    timeout_before: "Never answers, and did nothing", timeout_after: "Never answers, and did issue",
    duplicate: "Each request arrives twice", out_of_credit: "We are out of credit", unknown_meter: "The meter is unknown",
    change_key: "Change the key with the next purchase", planned: "It begins with a key change.", no_key: "There is no newer key.",
  },
  ar: {
    title: "العداد", meter: "العداد", phone: "إلى الهاتف", language: "English", brand: "كهرباء مسبقة الدفع", kwh: "ك.و.س",
    hint: "اكتب الأرقام العشرين أو الصقها، ثم اضغط ⏎.", house: "خلف العداد", load: "الأجهزة المشغّلة",
    speed: "سرعة الزمن", switched: "التيار موصول", connected: "متصل بالمزوّد", counted: "إجمالي القراءة",
    amperes: "الحد الأعلى", revision: "إصدار المفتاح", link: "الاتصال", happened: "ما حدث", nothing: "لا شيء بعد.",
    rf: "لاسلكي", wired: "سلكي", none: "لا يوجد", supplied: "الكهرباء تعمل", empty: "لا يوجد رصيد", off: "التيار مفصول",
    unreached: "خارج التغطية", reached: "متصل", watts: "{n} واط", amps: "{n} أمبير",
    accepted: "تم القبول: {n} ك.و.س", accepted_setting: "تم القبول", used: "مستخدم من قبل", old: "قديم جدًا", rejected: "مرفوض",
    not_a_token: "ليس رمز شحن: 20 رقمًا", key_expired: "انتهت صلاحية المفتاح", test: "نجح الاختبار",
    key_section: "تغيير المفتاح: قُبل الجزء {n}", key_changed: "مفتاح جديد: الإصدار {n}", lost: "لا استجابة من بيئة التجربة",
    vendor: "أعطال المزوّد", vendor_hint: "ما تحدده هنا يحدث مع كل عملية شراء حتى تلغي تحديده.",
    slow: "يجيب بعد 5 ثوانٍ", error_500: "يجيب بخطأ 500 دون إصدار", error_500_after: "يجيب بخطأ 500 بعد الإصدار",
    timeout_before: "لا يجيب ولم يصدر شيئًا", timeout_after: "لا يجيب بعد الإصدار",
    duplicate: "يصل كل طلب مرتين", out_of_credit: "نفد رصيدنا لدى المزوّد", unknown_meter: "العداد غير معروف",
    change_key: "غيّر المفتاح مع الشراء القادم", planned: "سيبدأ الشراء بتغيير المفتاح.", no_key: "لا يوجد مفتاح أحدث.",
  },
};

let chosen = "en";

export const language = () => chosen;

export function t(name, n = "") {
  return TEXTS[chosen][name].replace("{n}", `\u2068${n}\u2069`);
}

export function setLanguage(name) {
  chosen = name in TEXTS ? name : "en";
  document.documentElement.lang = chosen;
  document.documentElement.dir = chosen === "ar" ? "rtl" : "ltr";
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);
}

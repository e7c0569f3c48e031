// What the page says, in both languages.

const TEXTS = {
  en: {
    title: "Meter network", phone: "To the phone", language: "العربية", meters: "Meters", commands: "What meters were told",
    nothing: "Nothing yet.", faults: "The network's bad day", faults_hint: "What is ticked happens until it is unticked.",
    on: "Electricity on", off: "Disconnected", kwh: "kWh", mode: "Mode", prepaid: "Prepaid", postpaid: "Postpaid",
    tariff: "Tariff", quota: "Quota", credit_limit: "Credit limit", every: "Reports every", minutes: "{n} min",
    online: "Reached by the network", report: "Report now", lost: "The sandbox does not answer",
    waiting: "waits for the meter", done: "done", refused: "refused", expired: "given up",
    FORCESWITCH: "Switch", SETTARIFF: "Tariff", SETQUOTA: "Quota", SETCREDITLIMIT: "Credit limit", SETMODE: "Mode", SETPARA: "Reporting",
    slow: "Answers only after 5 seconds", error_500: "Says 500, and did nothing", error_500_after: "Says 500, and took it",
    timeout_before: "Never answers, and did nothing", timeout_after: "Never answers, and took it",
    lost_report: "Pushed reports are lost", signed_out: "Forgets who we are",
  },
  ar: {
    title: "شبكة العدادات", phone: "إلى الهاتف", language: "English", meters: "العدادات", commands: "ما طُلب من العدادات",
    nothing: "لا شيء بعد.", faults: "أعطال الشبكة", faults_hint: "ما تحدده هنا يحدث حتى تلغي تحديده.",
    on: "الكهرباء تعمل", off: "التيار مفصول", kwh: "ك.و.س", mode: "طريقة الدفع", prepaid: "مسبقة", postpaid: "آجلة",
    tariff: "التعرفة", quota: "الحصة", credit_limit: "حد الائتمان", every: "يرسل كل", minutes: "{n} دقيقة",
    online: "متصل بالشبكة", report: "أرسل الآن", lost: "لا استجابة من بيئة التجربة",
    waiting: "بانتظار العداد", done: "نُفّذ", refused: "مرفوض", expired: "تُرك",
    FORCESWITCH: "المفتاح", SETTARIFF: "التعرفة", SETQUOTA: "الحصة", SETCREDITLIMIT: "حد الائتمان", SETMODE: "طريقة الدفع", SETPARA: "الإرسال",
    slow: "تجيب بعد 5 ثوانٍ", error_500: "تجيب بخطأ 500 دون تنفيذ", error_500_after: "تجيب بخطأ 500 بعد القبول",
    timeout_before: "لا تجيب ولم تقبل شيئًا", timeout_after: "لا تجيب بعد القبول",
    lost_report: "تقارير العدادات تضيع", signed_out: "تنسى من نحن",
  },
};

let chosen = "en";

export const language = () => chosen;

export function t(name, n = "") {
  return (TEXTS[chosen][name] ?? name).replace("{n}", `\u2068${n}\u2069`);
}

export function setLanguage(name) {
  chosen = name in TEXTS ? name : "en";
  document.documentElement.lang = chosen;
  document.documentElement.dir = chosen === "ar" ? "rtl" : "ltr";
  document.title = t("title");
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);
}

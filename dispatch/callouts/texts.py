"""What volunteers read in SMS, one literal table per language; pages use gettext, texts do not.

The first text fits one part (Arabic 70 characters, 8 kept for the drill marker); the deadline and the address go
into the confirmation. No link and no unsubscribe word in it: answers are digits.
"""

from typing import Any

DRILL = {"ar": "تمرين: ", "en": "DRILL: "}
# Short enough for one part with place, code and drill marker; the key is the skill's code. English has room.
SKILLS = {
    "ar": {
        "search-and-rescue": "إنقاذ", "structural-collapse-rescue": "أنقاض", "flood-rescue": "سيول",
        "rope-rescue": "حبال", "rescue-diver": "غوص", "rescue-boat": "قوارب", "firefighting": "إطفاء",
        "first-aid": "مسعفون", "first-aid-medic": "إسعاف", "ambulance-driver": "نقل مصاب", "nurse": "تمريض",
        "doctor": "أطباء", "midwife": "قابلات", "pharmacist": "صيدلة", "community-health": "صحة",
        "dead-body-management": "جثامين", "logistics": "إمداد", "warehouse": "مخازن", "stock-keeping": "جرد",
        "relief-distribution": "توزيع", "lorry-driver": "شاحنات", "off-road-driver": "سائق وعر",
        "forklift": "رافعة", "excavator": "حفارات", "electrician": "كهرباء", "field-kitchen": "مطبخ",
        "water-treatment": "مياه", "plumbing": "سباكة", "hygiene-promotion": "نظافة",
        "emergency-shelter": "خيام", "carpenter": "نجارة", "shelter-management": "إيواء",
        "building-damage-assessment": "فحص مبان", "psychological-first-aid": "دعم نفسي",
        "psychologist": "علم نفس", "child-protection": "أطفال", "crisis-helpline": "مساندة",
        "family-tracing": "روابط", "data-entry": "إدخال", "mapping": "خرائط", "data-analysis": "تحليل",
        "needs-assessment": "استبيان", "translation": "ترجمة", "interpreting": "ترجمان",
        "sign-language": "إشارة", "public-hotline": "خط ساخن", "radio-operator": "لاسلكي",
        "coordination": "تنسيق",
    },
    "en": {"search-and-rescue": "rescue", "first-aid-medic": "medics", "data-entry": "data entry"},
}  # fmt: skip
KINDS = {
    "ar": {
        "flood": "فيضان", "earthquake": "زلزال", "fire": "حريق", "storm": "عاصفة", "heat": "موجة حر",
        "landslide": "انهيار", "epidemic": "وباء", "conflict": "نزاع", "other": "طارئ",
    },
    "en": {
        "flood": "flood", "earthquake": "earthquake", "fire": "fire", "storm": "storm", "heat": "heatwave",
        "landslide": "landslide", "epidemic": "epidemic", "conflict": "conflict", "other": "emergency",
    },
}  # fmt: skip

TEXTS: dict[str, dict[str, str]] = {
    "ar": {
        "ask": "{sender}: {kind} {place} {code}: {skill}. رد 1+دقائق=قادم 2=لا 3=احتياط",
        "ask_remote": "{sender}: {kind} {place} {code}: {skill} عن بعد. رد 1=نعم 2=لا 3=احتياط",
        "ask_link": "{sender}: {kind} {place} {code}: {skill}. للرد افتح {link}",
        "coming": "{code}: شكرًا {name}. ننتظرك قبل {report_by} في {muster}. {link} عند الوصول أرسل 4",
        "coming_remote": "{code}: شكرًا {name}. ابدأ من هنا قبل {report_by}: {link}",
        "called_in": "{code}: نحتاجك الآن {name}. احضر قبل {report_by}: {muster}. {link} عند الوصول أرسل 4 وإن تعذر 2",
        "called_in_remote": "{code}: نحتاجك الآن {name}. ابدأ من هنا قبل {report_by}: {link} وإن تعذر أرسل 2",
        "reserve": "{code}: شكرًا {name}. أنت في الاحتياط ولا حاجة للحضور الآن. نبلغك إن احتجنا إليك.",
        "declined": "{code}: شكرًا {name} على الرد. لن نطلبك لهذا النداء. إن تغيّر الأمر أرسل 1",
        "stand_down": "{code}: اكتمل العدد. لا حاجة للحضور الآن. شكرًا لاستعدادك {name}.",
        "not_needed": "{code}: لم نعد بحاجة إلى حضورك. شكرًا لاستعدادك {name}.",
        "elsewhere": "{code}: أنت مسجّل في نداء آخر الآن، لذلك لم نحتسبك هنا. شكرًا {name}.",
        "arrived": "{code}: سجّلنا وصولك {name}. عند عودتك سالمًا أرسل 5. للمساعدة أرسل 9",
        "home_safe": "{code}: حمدًا لله على سلامتك {name}. شكرًا لك.",
        "help": "{code}: وصلنا طلبك وأبلغنا غرفة العمليات. ابقَ في مكان آمن.",
        "clarify": "{code}: لم نفهم الرد. أرسل 1+دقائق=قادم أو 2=لا أو 3=احتياط",
        "closed": "{code}: انتهى هذا النداء. شكرًا لك.",
    },
    "en": {
        "ask": "{sender}: {kind} {place} {code}. Need {skill}. Reply 1+minutes=coming 2=no 3=reserve",
        "ask_remote": "{sender}: {kind} {place} {code}. Need {skill}, remote. Reply 1=yes 2=no 3=reserve",
        "ask_link": "{sender}: {kind} {place} {code}. Need {skill}. To answer open {link}",
        "coming": "{code}: thank you {name}. Be there by {report_by}: {muster}. {link} Send 4 on arrival",
        "coming_remote": "{code}: thank you {name}. Start here by {report_by}: {link}",
        "called_in": "{code}: we need you now, {name}. Be there by {report_by}: {muster}. {link} Send 4 there, 2 if not",
        "called_in_remote": "{code}: we need you now, {name}. Start here by {report_by}: {link} Send 2 if you cannot",
        "reserve": "{code}: thank you {name}. You are in reserve, no need to come now. We tell you if we need you.",
        "declined": "{code}: thank you {name} for answering. We will not ask again. If that changes send 1",
        "stand_down": "{code}: places are full, no need to come now. Thank you for being ready, {name}.",
        "not_needed": "{code}: you are no longer needed for this call. Thank you for being ready, {name}.",
        "elsewhere": "{code}: you are on another call-out now, so we did not count you here. Thank you {name}.",
        "arrived": "{code}: your arrival is noted, {name}. When home safe send 5. If you need help send 9",
        "home_safe": "{code}: good to know you are home safe, {name}. Thank you.",
        "help": "{code}: we have your call for help and told the operations room. Stay where it is safe.",
        "clarify": "{code}: we did not understand. Send 1+minutes=coming or 2=no or 3=reserve",
        "closed": "{code}: this call-out has ended. Thank you.",
    },
}


def word(purpose: str, language: str, *, is_drill: bool, **arguments: Any) -> str:
    """The text for a purpose in a language ("ar" unless "en"), with the drill marker first in a drill."""
    chosen = language if language in TEXTS else "ar"
    return (DRILL[chosen] if is_drill else "") + TEXTS[chosen][purpose].format(**arguments)


def skill_word(code: str, name: dict[str, str], language: str) -> str:
    """How a skill is called in a text: the short word, else the taxonomy's name."""
    return SKILLS.get(language, {}).get(code) or name.get(language) or name["en"].lower()

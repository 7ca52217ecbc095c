"""One person, one incident: whether they come, when they answer, and how they type it."""

import math
import random
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

from notifications.phones.dice import dice
from notifications.phones.reading import Text
from notifications.phones.scenario import Scenario

COMING, DECLINED, RESERVE, SILENT, OPTED_OUT = "coming", "declined", "reserve", "silent", "opted_out"

# As people type them; {n} are minutes, {a} the same in Arabic-Indic digits. Repeated entries weigh more.
WORDS = {
    (COMING, "ar", True): ("1 {n}", "1 {n}", "1 {n}", "١ {a}", "١ {a}", "1+{n}", "نعم {n}", "نعم {a}", "1"),
    (COMING, "ar", False): ("1", "1", "1", "١", "١", "نعم", "نعم", "قادم"),
    (COMING, "en", True): ("1 {n}", "1 {n}", "1 {n}", "1+{n}", "yes {n}", "Yes {n}", "1"),
    (COMING, "en", False): ("1", "1", "1", "yes", "Yes"),
    (DECLINED, "ar", False): ("2", "2", "2", "٢", "٢", "لا", "لا"),
    (DECLINED, "en", False): ("2", "2", "2", "no", "No"),
    (RESERVE, "ar", False): ("3", "3", "٣"),
    (RESERVE, "en", False): ("3",),
    (OPTED_OUT, "ar", False): ("STOP",),
    (OPTED_OUT, "en", False): ("STOP",),
}
UNCLEAR = {"ar": ("من معي؟", "اي فيضان", "ok?"), "en": ("ok?", "who is this?", "where exactly")}
ARRIVED = {"ar": ("4", "4", "٤"), "en": ("4",)}
PLAIN = {COMING: "1", DECLINED: "2", RESERVE: "3"}
TO_ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person does about one incident; times in seconds of domain time."""

    kind: str
    text: str
    plain: str
    """The same, typed again after the first answer was not understood."""
    unclear: str | None
    """What they type first, before they understand that digits are wanted."""
    delay: float
    minutes: int
    shows_up: bool
    travel: float
    repeats: bool
    arrived: str


@lru_cache(maxsize=64)
def intercept(mean: float, sd: float) -> float:
    """The m for which E[expit(m + N(0, sd))] = mean, so that the scenario's mean is the one observed."""
    if mean in (0.0, 1.0):
        return math.copysign(1e9, mean - 0.5)
    points = [NormalDist().inv_cdf((i + 0.5) / 400) * sd for i in range(400)]
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        if sum(expit(middle + point) for point in points) / len(points) < mean:
            low = middle
        else:
            high = middle
    return low


def expit(x: float) -> float:
    return 1 / (1 + math.exp(-max(-700.0, min(700.0, x))))


def acceptance(seed: int, number: str, event: str, scenario: Scenario) -> float:
    """This person's probability to say yes to this event: logit(p) = mean + person + event."""
    mean = intercept(scenario.mean_acceptance(), math.hypot(scenario.person_sd, scenario.event_sd))
    person = dice(seed, "person", number).gauss(0, scenario.person_sd)
    return expit(mean + person + dice(seed, "event", event).gauss(0, scenario.event_sd))


def decide(seed: int, number: str, event: str, text: Text, scenario: Scenario) -> Answer:
    """The one answer of this person to this event, the same however often it is asked."""
    own = dice(seed, "answer", number, event)
    kind = _kind(own.random(), own.random(), acceptance(seed, number, event, scenario), text, scenario)
    minutes = max(5, min(90, 5 * round(own.lognormvariate(math.log(20), 0.6) / 5)))
    no_show = dice(seed, "no-show", number).uniform(scenario.no_show_low, scenario.no_show_high)
    unclear = own.random() < scenario.rate_unclear and kind in PLAIN
    with_minutes = kind == COMING and text.takes_minutes
    return Answer(
        kind=kind,
        text=_words(own, kind, text.language, minutes, with_minutes) if kind != SILENT else "",
        plain=f"1 {minutes}" if with_minutes else PLAIN.get(kind, ""),
        unclear=own.choice(UNCLEAR[text.language]) if unclear else None,
        delay=own.lognormvariate(math.log(max(scenario.reply_median_s, 1e-9)), scenario.reply_sigma),
        minutes=minutes,
        shows_up=own.random() >= no_show,
        travel=minutes * 60 * own.lognormvariate(0, 0.2),
        repeats=own.random() < scenario.rate_repeat,
        arrived=own.choice(ARRIVED[text.language]),
    )


def _kind(first: float, second: float, p: float, text: Text, scenario: Scenario) -> str:
    if second < scenario.rate_opt_out:
        return OPTED_OUT
    if first < p:
        return COMING
    rest = (first - p) / (1 - p)
    if rest < scenario.rate_refuse:
        return DECLINED
    if text.takes_reserve and rest < scenario.rate_refuse + scenario.rate_reserve:
        return RESERVE
    return SILENT


def _words(own: random.Random, kind: str, language: str, minutes: int, with_minutes: bool) -> str:
    pattern = own.choice(WORDS[kind, language, with_minutes])
    return pattern.format(n=minutes, a=str(minutes).translate(TO_ARABIC))

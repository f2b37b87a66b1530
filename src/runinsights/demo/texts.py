"""The wording of the demo: prompt families in English and Czech, comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

Words = Mapping[str, Sequence[str]]
NONE: Words = {}


class Family(NamedTuple):
    """Prompts of one intent: its share of the runs, and wordings per language, the common ones first.

    A family with a `down_rate` is a planted problem; one that is `late` has it only in the last weeks.
    """

    name: str
    share: float
    wordings: Words
    down_rate: float | None = None
    late: bool = False
    comments: Words = NONE


PROBLEMS = (
    Family(
        "excel_export",
        0.024,
        {
            "en": ('excel export of "{name}" fails', 'export of "{name}" to excel fails'),
            "cs": ("export „{name}“ do excelu nejde",),
        },
        0.58,
        comments={
            "en": ("The file does not open.", "Excel says the file is damaged."),
            "cs": ("Soubor nejde otevřít.",),
        },
    ),
    Family(
        "values_as_of",
        0.024,
        {
            "en": ("show me values as of {date}", "values as of {date}, show me"),
            "cs": ("hodnoty platné ke dni {date}",),
        },
        0.58,
        comments={
            "en": ("That is the yearly value, not the one of that day.",),
            "cs": ("To není k tomu dni.",),
        },
    ),
    Family(
        "percentage_change",
        0.024,
        {
            "en": (
                "percentage change of prices {year} vs {later}",
                "prices {year} vs {later}, percentage change",
            ),
            "cs": ("procentní změna cen {year} a {later}",),
        },
        0.58,
        comments={
            "en": ("Wrong base year.", "Percentage points are not per cent."),
            "cs": ("Špatný základ.",),
        },
    ),
    Family(
        "number_source",
        0.024,
        {
            "en": ("where does the number {number} come from", "the number {number}, where does the number come from"),
            "cs": ("odkud pochází číslo {number}",),
        },
        0.59,
        comments={"en": ("The link leads nowhere.", "Still no source."), "cs": ("Odkaz nevede nikam.",)},
    ),
    Family(
        "forecast",
        0.024,
        {
            "en": ("predict population for {future}", "population in {future}, predict"),
            "cs": ("předpověz počet obyvatel na rok {future}",),
        },
        0.58,
        comments={"en": ("It made the figure up.", "No method, no range."), "cs": ("Vymyšlené číslo.",)},
    ),
    Family(
        "slide_chart",
        0.045,
        {
            "en": ('put the chart "{name}" on a powerpoint slide', 'powerpoint slide: put the chart "{name}" on'),
            "cs": ("vlož graf „{name}“ do powerpointu",),
        },
        0.60,
        late=True,
        comments={"en": ("The slide is empty.", "It worked last month."), "cs": ("Snímek je prázdný.",)},
    ),
)

NEAR_MISSES = (
    Family(
        "csv_export",
        0.035,
        {
            "en": ('export "{name}" to csv', 'download "{name}" as csv'),
            "cs": ("stáhnout „{name}“ jako csv",),
        },
    ),
    Family(
        "latest_values",
        0.035,
        {
            "en": ('show me the latest values of "{name}"', "show me values for {year}"),
            "cs": ("poslední hodnoty „{name}“",),
        },
    ),
    Family(
        "compare_years",
        0.035,
        {
            "en": ("compare prices {year} vs {later}", "wages in {year} and {later} side by side"),
            "cs": ("porovnej ceny {year} a {later}",),
        },
    ),
    Family(
        "source_list",
        0.035,
        {
            "en": ("which sources do you use", 'what is the table "{name}" made of'),
            "cs": ("jaké zdroje používáš",),
        },
    ),
    Family(
        "past_population",
        0.035,
        {
            "en": ("population of {town} in {year}", "average rent in {town} in {year}"),
            "cs": ("počet obyvatel {town} v roce {year}",),
        },
    ),
    Family(
        "plain_chart",
        0.035,
        {
            "en": ('draw the chart "{name}"', "line chart of {topic} since {year}"),
            "cs": ("nakresli graf „{name}“",),
        },
    ),
)

FIGURES = Family(
    "figures",
    1 - sum(family.share for family in (*PROBLEMS, *NEAR_MISSES)) - 0.03,
    {
        "en": (
            "{topic} in {town} in {year}",
            "what is the {topic} in {town}",
            "how did the {topic} develop in {town} since {year}",
            "{topic} by region, {year}",
            "which town has the highest {topic}",
            "is the {topic} higher in {town} than the average",
            "table of {topic} for the last {small} years",
            "explain how {topic} is measured",
            "top {small} towns by {topic} in {year}",
            "give me one sentence on {topic} in {town}",
        ),
        "cs": (
            "{topic} {town} v roce {year}",
            "{topic} {town}",
            "jak se měří {topic}",
            "{topic} podle krajů, {year}",
            "tabulka: {topic} od roku {year}",
        ),
    },
)

GREETINGS = Family(
    "greetings",
    0.03,
    {
        "en": ("hello", "thank you", "what can you do", "good morning"),
        "cs": ("dobrý den", "děkuji", "co umíš"),
    },
)

FOLLOW_UPS = Family(
    "follow_ups",
    0.0,
    {
        "en": ("and in {town}", "and for {year}", "shorter", "as a table", "now per head", "and women only"),
        "cs": ("a {town}", "a v roce {year}", "stručněji", "jako tabulku", "a jen ženy"),
    },
)

FAMILIES: tuple[Family, ...] = (*PROBLEMS, *NEAR_MISSES, FIGURES, GREETINGS, FOLLOW_UPS)

TOPICS: Words = {
    "en": (
        "unemployment rate",
        "birth rate",
        "life expectancy",
        "number of hotels",
        "electricity use",
        "farm land",
        "median age",
        "number of flats built",
        "share of graduates",
        "household income",
        "water use",
        "bread price",
        "number of companies",
        "road length",
        "number of doctors",
        "divorce rate",
        "waste per head",
        "bus passengers",
        "number of museums",
        "internet access",
        "forest area",
        "beer production",
        "milk price",
        "number of pupils",
    ),
    "cs": (
        "míra nezaměstnanosti",
        "porodnost",
        "naděje dožití",
        "počet hotelů",
        "spotřeba elektřiny",
        "orná půda",
        "průměrný věk",
        "počet dokončených bytů",
        "podíl vysokoškoláků",
        "příjem domácností",
        "spotřeba vody",
        "cena chleba",
        "počet firem",
        "délka silnic",
        "počet lékařů",
        "rozvodovost",
        "počet muzeí",
    ),
}

TOWNS: Words = {
    "en": ("Prague", "Brno", "Ostrava", "Plzeň", "Liberec", "Olomouc", "Zlín", "Jihlava", "Tábor", "Opava"),
    "cs": ("v Praze", "v Brně", "v Ostravě", "v Plzni", "v Liberci", "v Olomouci", "ve Zlíně", "v Táboře"),
}

NAMES: Words = {
    "en": ("Wages", "Rents", "Births", "Census", "Retail sales", "Tourism", "Energy", "Schools"),
    "cs": ("Mzdy", "Nájmy", "Narození", "Sčítání", "Maloobchod", "Cestovní ruch", "Energie", "Školy"),
}

PREFIXES: Words = {
    "en": ("", "", "", "", "please ", "hi, ", "ok, ", "can you help: "),
    "cs": ("", "", "", "prosím ", "ahoj, ", "potřebuji: "),
}

SUFFIXES: Words = {
    "en": ("?", "", "", ".", "!", " please", ", thanks"),
    "cs": ("?", "", "", ".", " prosím", ", díky"),
}

COMMENTS: Words = {
    "en": ("This is not what I asked.", "Wrong number.", "Too long.", "Out of date.", "It ignored Brno."),
    "cs": ("Na to jsem se neptal.", "Špatné číslo.", "Zastaralé.", "Moc dlouhé."),
}

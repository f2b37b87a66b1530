"""What was asked, without how it was typed."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runinsights.analytics.prompts import FILLERS, bag_key, template, tokens

steady = settings(deadline=None, derandomize=True, max_examples=50)


@pytest.mark.parametrize(
    ("prompt", "text", "stems"),
    [
        ("a kolik v Praze?", "a kolik v praze", "kolik praze"),
        ("A KOLIK V PRAZE", "a kolik v praze", "kolik praze"),
        (
            "Míra nezaměstnanosti v Brně 2023?",
            "mira nezamestnanosti v brne <year>",
            "mira nezame brne <year>",
        ),
        (
            'Export "Mzdy 2023" 12.5.2020 to xlsx, error 8731',
            "export <q> <date> to xlsx error <num>",
            "export <q> <date> xlsx error <num>",
        ),
        ("mail me at jan@x.cz https://a.b/c?d=1", "mail me at <email> <url>", "mail at <email> <url>"),
        ("straße STRASSE", "strasse strasse", "strass strass"),
        ("ﬁle č. 12 345,5 %", "file c <pct>", "file c <pct>"),
    ],
)
def test_the_normalisation_reproduces_the_table(prompt: str, text: str, stems: str):
    assert template(prompt) == text
    assert tokens(text) == tuple(stems.split())
    assert bag_key(text) == " ".join(sorted(set(stems.split())))


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("since 2024-02-29", "since <date>"),
        ("since 29. 2. 2024!", "since <date>"),
        ("since 29.\u00a02.\u00a02024", "since <date>"),
        ("since 3/4/24", "since <date>"),
        ("1899 1900 2099 2100", "<num> <year> <year> <num>"),
        ("2019, 2020", "<year> <year>"),
        ("2019,2020", "<num>"),
        ("2000,50 Kč", "<num> kc"),
        ("1 234 567.89 and 1,000", "<num> and <num>"),
        ("12 3456", "<num> <num>"),
        ("5 %, 50% and 2000 %", "<pct> <pct> and <pct>"),
        ("20kg of h2o", "<num> kg of h2o"),
        ("ID 123E4567-e89b-12d3-a456-426614174000", "id <uuid>"),
        ("„Mzdy“ «a b» “c” `d` “e”", "<q> <q> <q> <q> <q>"),
        ('"' + "x" * 80 + '" "' + "y" * 81 + '"', "<q> " + "y" * 81),
        ('a 5" screen', "a <num> screen"),
        ("www.example.com/x, please", "<url> please"),
        ("it's a snake_case", "it s a snake_case"),
        ("<num> 7", "<num> <num>"),
        ("한국어 ИЗВОР", "한국어 извор"),
    ],
)
def test_values_become_masks_and_punctuation_a_space(prompt: str, text: str):
    assert template(prompt) == text


@pytest.mark.parametrize("prompt", [None, "", "  \n", "🙂", "👩‍👩‍👧 ❤️", "?!…", "\u0301"])
def test_a_prompt_without_a_word_has_no_template_and_no_key(prompt: str | None):
    assert template(prompt) == ""
    assert tokens("") == ()
    assert bag_key("") == ""


def test_a_prompt_of_fillers_alone_keeps_them():
    assert bag_key(template("Thanks!")) == "thanks"
    assert bag_key(template("A v?")) == "a v"


def test_order_courtesy_and_endings_do_not_change_the_key():
    keys = {bag_key(template(text)) for text in ("Prosím export tabulky", "tabulka: EXPORT", "exporty tabulek?")}
    assert keys == {"export tabulk", "export tabule"}


def test_fillers_are_written_as_templates_are():
    assert {template(word) for word in FILLERS} == FILLERS


@steady
@given(prompt=st.text(max_size=200))
def test_a_template_is_its_own_template(prompt: str):
    assert template(template(prompt)) == template(prompt)


@steady
@given(prompt=st.text(st.characters(codec="utf-8"), max_size=100))
def test_composed_and_decomposed_text_are_the_same_prompt(prompt: str):
    assert template(unicodedata.normalize("NFD", prompt)) == template(unicodedata.normalize("NFC", prompt))


@pytest.mark.parametrize(
    "part",
    [
        "a",
        "1.",
        "1,",
        "1 ",
        "12 345 ",
        "1-",
        "1/",
        "1. ",
        "a.",
        "a@",
        "a.b-",
        '"',
        '"a ',
        "www.",
        "5 %",
        "2019 ",
        " ",
        "é",
        "_",
    ],
)
def test_the_time_stays_linear_in_the_length(part: str):
    prompt = part * (100_000 // len(part))
    started = time.perf_counter()
    template(prompt)
    assert time.perf_counter() - started < 1

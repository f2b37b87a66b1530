from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import chromium
from handmade import analysis, runs
from runinsights import report

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium.find() is None, reason="no Chromium on this machine: apt-get install chromium"),
]

rows = cache(runs)
DRAWN = "document.querySelectorAll('.plot .main-svg').length >= 5"
WIDER_THAN_PAGE = """
[...document.querySelectorAll('body *')]
  .filter((e) => !e.closest('.scroll') && !e.closest('svg') && e.getBoundingClientRect().right > innerWidth + 1)
  .map((e) => `${e.tagName}.${e.className}`)
"""
LOW_CONTRAST = """
(() => {
  const parse = (color) => (color.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const bad = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || e.closest('script, style, noscript, title, defs') || !e.getClientRects().length) continue;
    const style = getComputedStyle(e);
    const [a, b] = [light(parse(e.closest('svg') ? style.fill : style.color)), light(ground(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push(`${e.tagName} ${e.textContent.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return bad;
})()
"""


@pytest.fixture(scope="module")
def quality(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with analysis(rows()) as ins:
        return report.build(ins).save(tmp_path_factory.mktemp("report") / "quality.html")


@pytest.fixture(scope="module")
def page(quality: Path) -> Iterator[chromium.Chromium]:
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        chromium.browser(Path(profile)) as browser,
    ):
        browser.size(1280)
        browser.open(quality, DRAWN)
        yield browser
        assert browser.messages == []


def test_charts_are_drawn_with_an_empty_console_and_no_request(page: chromium.Chromium, quality: Path) -> None:
    assert page.evaluate("document.querySelectorAll('[data-plot]').length") == 5
    assert page.evaluate("[...document.querySelectorAll('.static')].every((e) => !e.getClientRects().length)")
    assert page.messages == []
    assert set(page.requests) == {quality.resolve().as_uri()}


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_page(page: chromium.Chromium, width: int) -> None:
    page.size(width)
    page.until(
        f"Math.abs(document.querySelector('.plot .main-svg').clientWidth - document.body.clientWidth) < {width // 8}"
    )
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(WIDER_THAN_PAGE) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_enough_contrast(page: chromium.Chromium, scheme: str) -> None:
    page.size(1280)
    page.media(scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    assert page.evaluate(LOW_CONTRAST) == []
    page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = false; })")


def test_the_hover_of_a_point_shows_its_votes(page: chromium.Chromium) -> None:
    page.size(1280)
    page.media()
    page.evaluate("Plotly.Fx.hover('plot-sentiment_trend', [{curveNumber: 2, pointNumber: 0}])")
    text = "document.querySelector('#plot-sentiment_trend .hoverlayer').textContent"
    page.until(f"{text}.includes('votes')")
    assert "95% interval" in page.evaluate(text)


def test_the_keyboard_reaches_every_fold_and_scroll_region(page: chromium.Chromium) -> None:
    unreached = page.evaluate(
        "[...document.querySelectorAll('summary, .scroll, pre')].filter((e) => { e.focus(); "
        "return document.activeElement !== e && e.checkVisibility(); }).length"
    )
    assert unreached == 0


def test_print_shows_the_static_charts_on_paper(page: chromium.Chromium, tmp_path: Path) -> None:
    page.media(scheme="dark", kind="print")
    assert page.evaluate("[...document.querySelectorAll('.static')].every((e) => e.getClientRects().length)")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    paper = page.pdf(tmp_path / "quality.pdf")
    assert paper.read_bytes().startswith(b"%PDF")
    assert 20_000 < paper.stat().st_size < 1_000_000
    page.media()


def test_without_scripts_the_page_tells_the_same_story(page: chromium.Chromium, quality: Path) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.open(quality)
    assert page.evaluate("document.querySelectorAll('.plot .main-svg').length") == 0
    assert page.evaluate("[...document.querySelectorAll('.static svg')].every((e) => e.getClientRects().length)")
    assert "Scripts are off" in page.evaluate("document.body.innerText")
    page.call("Emulation.setScriptExecutionDisabled", value=False)

"""What WCAG 2.2 AA asks, on every page of the built book, in a real browser."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, CDPSession, Page, expect

from pages import CHAPTERS, DESKTOP, PAGES, PHONE, opened, scroll_through, settled

#: Faults of the stock theme that cannot be mended from here, with the reason for each.
THEME_RULES: dict[str, str] = {}

#: All that axe knows of WCAG 2.2 AA and good practice, and what it leaves off unless asked.
AXE = {"rules": {name: {"enabled": True} for name in ("target-size", "label-content-name-mismatch", "td-has-header")}}

#: Lists what a reader would lose: things beyond the window's edge, and text that its box cuts.
LOST = r"""() => {
  const faults = [];
  const name = (e) => e.outerHTML.slice(0, 120);
  const heard = (e) => e.closest('.for-listeners, .announcement, .book-listing thead, .skip-link');
  const scrolls = (e) => {
    for (let box = e.parentElement; box; box = box.parentElement) {
      if (/auto|scroll/.test(getComputedStyle(box).overflowX) && box !== document.body) return true;
    }
    return false;
  };
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) faults.push(`the page is ${wide} wide`);
  // Vega ends a label that has no room in dots.
  for (const label of document.querySelectorAll('.picture.live svg text')) {
    if (label.textContent.trim().endsWith('…')) faults.push(`${label.closest('figure').id}: ${label.textContent}`);
  }
  for (const e of document.querySelectorAll('main *, .bd-header-article *')) {
    if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || heard(e)) continue;
    const box = e.getBoundingClientRect();
    if (box.width * box.height === 0 || e.closest('svg defs, clipPath')) continue;
    const painted = !(e instanceof SVGElement) || e.matches('text');
    const beyond = box.right > innerWidth + 1 || box.left < -1;
    if (painted && beyond && !scrolls(e)) faults.push('beyond the edge: ' + name(e));
    if (e instanceof SVGElement || !e.innerText?.trim()) continue;
    const style = getComputedStyle(e);
    const cut = (way) => /hidden|clip/.test(way);
    if (cut(style.overflowX) && e.scrollWidth > e.clientWidth + 1) faults.push('cut sideways: ' + name(e));
    if (cut(style.overflowY) && e.scrollHeight > e.clientHeight + 2) faults.push('cut below: ' + name(e));
  }
  return faults.slice(0, 8);
}"""

#: WCAG 1.4.12: what a reader may set, and nothing may be lost. The labels inside a picture are part of it.
SPACING = """*:not(svg, svg *) {
  line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-bottom: 2em !important }"""

CONTRAST = r"""
  const pixel = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = colour;
    pixel.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (front, back, opacity = 1) => {
    const a = front[3] * opacity;
    return [0, 1, 2].map((i) => front[i] * a + back[i] * (1 - a)).concat(1);
  };
  const light = (c) => {
    const [r, g, b] = c.map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = (e) => {
    for (let box = e; box; box = box.parentElement) {
      const colour = rgba(getComputedStyle(box).backgroundColor);
      if (colour[3] > 0.99) return colour;
    }
    return rgba('Canvas');
  };
"""

#: Lists what can take the focus and shows it too faintly, or not at all, when the keyboard gives it.
FAINT_FOCUS = (
    "() => {"
    + CONTRAST
    + r"""
  const faults = [];
  const stops = [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
    .filter((e) => !e.disabled && e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length);
  // A button may show its focus on the text beside it, as toggles and the boxes of options do.
  const shown = (e) => [e, e.nextElementSibling, e.parentElement].filter(Boolean).map((box) => {
    const s = getComputedStyle(box);
    return { box, outline: s.outlineStyle === 'none' || parseFloat(s.outlineWidth) < 2 ? '' : s.outlineColor,
      auto: s.outlineStyle === 'auto', shadow: s.boxShadow === 'none' ? '' : s.boxShadow };
  });
  document.activeElement.blur();
  for (const stop of stops) {
    const before = shown(stop);
    stop.focus({ preventScroll: true });
    if (document.activeElement !== stop) continue;
    const after = shown(stop);
    const seen = after.some(({ box, outline, auto, shadow }, i) => {
      const back = ground(box.parentElement ?? box);
      const ring = outline && outline !== before[i].outline && (auto || contrast(over(rgba(outline), back), back) >= 3);
      const halo = shadow && shadow !== before[i].shadow && (shadow.match(/(?:rgba?|color)\([^)]*\)/g) ?? [])
        .some((colour) => contrast(over(rgba(colour), back), back) >= 3);
      return ring || halo;
    });
    if (!seen) faults.push(stop.outerHTML.slice(0, 140));
    stop.blur();
  }
  if (stops.length < 20) faults.push(`only ${stops.length} elements take the focus`);
  return faults.slice(0, 8);
}"""
)

#: Lists the texts and marks of live charts that stand out too little from what is behind them.
FAINT_MARKS = (
    "() => {"
    + CONTRAST
    + r"""
  const faults = [];
  const inside = (box, x, y) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
  const paint = (s, kind, back) =>
    s[kind] === 'none' ? back : over(rgba(s[kind]), back, parseFloat(s[kind + 'Opacity']) * parseFloat(s.opacity));
  for (const svg of document.querySelectorAll('.picture.live svg')) {
    const page = ground(svg);
    const figure = svg.closest('figure').id;
    const under = [];
    for (const e of svg.querySelectorAll('.role-mark :is(path, line, rect), svg text')) {
      const box = e.getBoundingClientRect();
      const s = getComputedStyle(e);
      if (e.matches('text')) {
        // Vega hides a label that would overlap another.
        if (!e.textContent.trim() || box.width === 0 || s.opacity === '0') continue;
        const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
        const back = under.filter((one) => inside(one.box, x, y)).at(-1)?.colour ?? page;
        const ratio = contrast(paint(s, 'fill', back), back);
        if (ratio < 4.5) faults.push(`${figure}: "${e.textContent}" ${ratio.toFixed(2)}`);
      } else if (box.width + box.height > 0 && e.getAttribute('d') !== '') {
        const [fill, stroke] = [paint(s, 'fill', page), paint(s, 'stroke', page)];
        if (box.width > 3 && box.height > 3) under.push({ box, colour: fill });
        const ratio = Math.max(contrast(fill, page), contrast(stroke, page));
        if (ratio > 1.02 && ratio < 3) faults.push(`${figure}: ${e.outerHTML.slice(0, 200)} ${ratio.toFixed(2)}`);
      }
    }
  }
  return faults.slice(0, 8);
}"""
)


def look(page: Page, device: CDPSession, width: int, mode: str, scale: float = 1) -> None:
    """Give the page another window and another mode, and wait until the charts have followed."""
    metrics = {"width": width, "height": 844, "deviceScaleFactor": scale, "mobile": False}
    device.send("Emulation.setDeviceMetricsOverride", metrics)
    page.emulate_media(color_scheme="dark" if mode == "dark" else "light")
    page.wait_for_function("mode => document.documentElement.dataset.theme === mode", arg=mode)
    page.evaluate("scrollTo(0, 0)")  # the bar at the top covers nothing there
    page.wait_for_timeout(60)
    settled(page)
    # The theme lets the keyboard scroll a box of code a moment after it has become too narrow.
    page.wait_for_function(
        "() => [...document.querySelectorAll('pre')].every(p => p.tabIndex === 0 || p.scrollWidth <= p.clientWidth)"
    )


@pytest.mark.parametrize("path", PAGES)
def test_a_page_passes_axe_and_loses_nothing(browser: Browser, site: str, path: str) -> None:
    with opened(browser, f"{site}/{path}") as page:
        scroll_through(page)
        device = page.context.new_cdp_session(page)
        for width, mode in [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "dark"), (PHONE, "light")]:
            look(page, device, width, mode)
            found = Axe().run(page, options=AXE).response["violations"]
            faults = [
                (rule["id"], node["html"][:160])
                for rule in found
                if rule["id"] not in THEME_RULES
                for node in rule["nodes"]
            ]
            assert faults == [], f"at {width} pixels, {mode}"
            assert page.evaluate(FAINT_MARKS) == [], f"at {width} pixels, {mode}"
            assert page.evaluate(LOST) == [], f"at {width} pixels, {mode}"


@pytest.mark.parametrize("path", PAGES)
def test_zoom_narrow_windows_and_wider_spacing_lose_nothing(browser: Browser, site: str, path: str) -> None:
    with opened(browser, f"{site}/{path}") as page:
        scroll_through(page)
        device = page.context.new_cdp_session(page)
        # 200 percent of a window of 1280 pixels is one of 640 whose pixels are two wide.
        look(page, device, 640, "light", scale=2)
        assert page.evaluate(LOST) == [], "at 200 percent"
        look(page, device, 320, "light")
        assert page.evaluate(LOST) == [], "at 320 pixels"
        page.add_style_tag(content=SPACING)
        assert page.evaluate(LOST) == [], "at 320 pixels with wider spacing"
        look(page, device, DESKTOP, "light")
        assert page.evaluate(LOST) == [], "with wider spacing"


@pytest.mark.parametrize("path", PAGES)
def test_the_focus_is_seen_wherever_it_goes(browser: Browser, site: str, path: str) -> None:
    with opened(browser, f"{site}/{path}") as page:
        scroll_through(page)
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        page.keyboard.press("Tab")  # from here on, the browser shows the focus as for a keyboard
        for mode in ("light", "dark"):
            page.emulate_media(color_scheme=mode)
            page.wait_for_function("mode => document.documentElement.dataset.theme === mode", arg=mode)
            assert page.evaluate(FAINT_FOCUS) == [], mode


def tab_stops(page: Page) -> Iterator[str]:
    """Press Tab until the page ends, and give each stop."""
    here = """() => {
      const e = document.activeElement;
      e.dataset.reached = '';
      const box = e.getBoundingClientRect();
      const seen = e === document.body || (box.bottom > 0 && box.top < innerHeight && e.checkVisibility());
      return seen ? e.outerHTML.slice(0, 100) : 'unseen: ' + e.outerHTML.slice(0, 100);
    }"""
    for _ in range(400):
        page.keyboard.press("Tab")
        stop = page.evaluate(here)
        if stop.startswith("<body"):
            return
        yield stop
    pytest.fail("Tab never leaves the page")


@pytest.mark.parametrize("path", ["chapters/3-2-energy.html", "chapters/timeline.html"])
@pytest.mark.parametrize("width", [320, DESKTOP])
def test_tab_reaches_every_control_in_sight_and_leaves_the_page(
    browser: Browser, site: str, path: str, width: int
) -> None:
    with opened(browser, f"{site}/{path}", width) as page:
        scroll_through(page)
        page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
        stops = list(tab_stops(page))
        assert "#main-content" in stops[0]
        assert [stop for stop in stops if stop.startswith("unseen")] == []
        missed = page.evaluate(
            """() => [...document.querySelectorAll('main :is(a[href], button, input, select, summary)')]
              .filter((e) => !e.disabled && e.checkVisibility({ visibilityProperty: true }))
              .filter((e) => !('reached' in e.dataset))
              .filter((e) => e.type !== 'radio')  // Tab visits one of a group, the arrows the others
              .map((e) => e.outerHTML.slice(0, 120))"""
        )
        assert missed == []


def test_the_skip_link_leads_past_the_contents(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/chapters/3-2-energy.html") as page:
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to main content")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_what_it_is(book: Path, path: str) -> None:
    text = (book / path).read_text(encoding="utf-8")
    assert re.search(r'<html lang="en"', text)
    assert len(re.findall(r"<main[ >]", text)) == 1
    assert 'href="#main-content"' in text
    twice = {name for name, count in Counter(re.findall(r'\sid="([^"]+)"', text)).items() if count > 1}
    # The theme has a search field in the page and another in the dialogue that its button opens.
    assert twice <= {"search-input"}
    article = text[text.index('<article class="bd-article"') :] if "<article" in text else text
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", article[: article.find("</article>")])]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_no_two_pages_have_one_title(book: Path) -> None:
    titles = [
        re.search(r"<title>(.*?)</title>", (book / path).read_text(encoding="utf-8"), re.DOTALL) for path in PAGES
    ]
    assert all(titles)
    assert len({" ".join(title.group(1).split()) for title in titles if title}) == len(PAGES)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_figure_says_what_it_shows_and_has_its_numbers(browser: Browser, site: str, chapter: str) -> None:
    with opened(browser, f"{site}/chapters/{chapter}.html", java_script_enabled=False) as page:
        for figure in page.locator("figure.book-figure").all():
            title = figure.locator("figcaption strong").inner_text()
            description = figure.get_by_role("img").get_attribute("aria-label") or ""
            assert len(description.split()) >= 8, title
            assert description not in title
            assert re.search(r"\d|one|two|three|four|five|six|ten", description), f"{title}: no number"
            assert figure.locator("thead th[scope=col]").count() >= 2, title
            assert figure.locator("tbody tr").count() >= 1, title
            for control in figure.locator(".controls :is(input, select)").all():
                assert control.evaluate("e => e.labels.length || e.getAttribute('aria-label')"), title


def test_a_screen_reader_meets_a_figure_like_this(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/chapters/3-2-energy.html") as page:
        scroll_through(page)
        figure = page.locator("#gas-prices")
        figure.locator("summary").press("Enter")
        expect(figure).to_match_aria_snapshot(
            """
            - figure "Russian pipeline gas was China's cheapest; only Europe paid less":
              - strong: Russian pipeline gas was China's cheapest; only Europe paid less
              - group "Change what the chart compares":
                - combobox "Baseline":
                  - option "Russia" [selected]
                - group "Measure":
                  - radio "Price"
                  - radio "Difference" [checked]
                  - radio "Ratio"
                - group "Show":
                  - checkbox "pipeline gas" [checked]
                  - checkbox "LNG" [checked]
              - img /Bars, one for each supplier. .*Russia by pipeline 150.2 to China/
              - paragraph: "/Baseline: Russia, at 150.2 US dollars/"
              - paragraph: /Source. Balzer \\(2021\\), section 3.2/
              - group:
                - region /Numbers. Russian pipeline gas/:
                  - table:
                    - rowgroup:
                      - row /Supplier Form Price/
                    - rowgroup:
                      - row /^Russia pipeline gas 150\\.2 0\\.00/
              - link /CSV of Russian/
              - button /PNG of Russian/
              - button /SVG of Russian/
              - link /Link to this view of Russian/
            """
        )


def test_a_change_is_announced_once_in_words(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/chapters/3-2-energy.html") as page:
        scroll_through(page)
        says = page.locator("#gas-prices .says")
        assert says.get_attribute("aria-live") == "polite"
        page.locator("#gas-prices [data-control=baseline] select").press("ArrowDown")
        expect(says).not_to_contain_text("Baseline: Russia, at 150.2")
        drawing = page.locator("#gas-prices .picture.live svg")
        assert drawing.get_attribute("aria-hidden") == "true"


def test_nothing_moves_for_readers_who_ask_for_stillness(browser: Browser, site: str) -> None:
    moving = """() => [...document.querySelectorAll('*')].filter((e) => {
      const s = getComputedStyle(e);
      const long = (times) => times.split(',').some((time) => parseFloat(time) > 0.01);
      return long(s.animationDuration) && s.animationName !== 'none' || long(s.transitionDuration) ||
        s.scrollBehavior === 'smooth';
    }).map((e) => e.outerHTML.slice(0, 100))"""
    with opened(browser, f"{site}/chapters/3-2-energy.html") as page:
        scroll_through(page)
        assert page.evaluate(moving) == []


def test_colours_of_the_reader_s_own_leave_all_in_sight(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/chapters/3-2-energy.html", forced_colors="active") as page:
        scroll_through(page)
        chosen = page.locator("#gas-prices .toggle input:checked + span")
        other = page.locator("#gas-prices .toggle input:not(:checked) + span").first
        style = "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color].join()"
        assert chosen.evaluate(style) != other.evaluate(style)
        icon = page.locator(".fa-bars")
        assert icon.evaluate("e => getComputedStyle(e).backgroundColor") != page.locator("body").evaluate(
            "e => getComputedStyle(e).backgroundColor"
        )
        assert page.evaluate(FAINT_MARKS) == []
        assert page.evaluate(FAINT_FOCUS) == []

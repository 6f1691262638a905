"""House rules for what the browser gets: sizes, contrast, no inline code, nothing from elsewhere."""

import gzip
import hashlib
import math
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CSS = (ROOT / "static" / "atelier.css").read_text()
SCRIPT = (ROOT / "static" / "atelier.js").read_text()
SPRITE = (ROOT / "static" / "icons.svg").read_text()
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
HTMX = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"  # version 4.0.1
FORBIDDEN = {
    "inline style": r"\sstyle\s*=|<style",
    "inline script": r"<script(?![^>]*\ssrc=)|javascript:",
    "event attribute": r"\son[a-z]+\s*=",
    "hx-on": r"hx-on",
    "expression for htmx": r'hx-trigger="[^"]*\[|hx-vals="js:|hx-confirm="js:',
    "unescaped text": r"\|\s*safe\b|autoescape\s+false|Markup\(",
    "another host": r"(?:src|href|action|hx-get|hx-post)=\"(?:https?:)?//",
}
GROUNDS = ("paper", "surface", "sunken")
PAIRS = [
    *((ink, ground) for ink in ("ink", "muted", "accent", "draft", "bad", "info") for ground in GROUNDS),
    *((ink, f"{wash}-wash") for ink in ("ink", "muted") for wash in ("accent", "draft", "bad", "info")),
    *((ink, f"{ink}-wash") for ink in ("draft", "bad", "info")),
    *(("accent", f"{wash}-wash") for wash in ("accent", "draft", "bad", "info")),
    ("accent-ink", "accent"),
    ("bad-ink", "bad"),
]


def tokens(theme):
    """The colours of a theme, (lightness, chroma, hue) by name."""
    found = re.findall(r"--([\w-]+): light-dark\(oklch\(([^)]*)\), oklch\(([^)]*)\)\)", CSS)
    return {
        name: [float(x.strip("%")) for x in (light, dark)[theme].split("/")[0].split()]
        for name, light, dark in found
    }


def luminance(colour):
    """Relative luminance (WCAG 2) of an OKLCH colour; the matrices are those of CSS Color 4."""
    lightness, chroma, hue = colour[0] / 100, colour[1], math.radians(colour[2])
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    clipped = [min(1, max(0, part)) for part in (red, green, blue)]
    return 0.2126 * clipped[0] + 0.7152 * clipped[1] + 0.0722 * clipped[2]


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_texts_stand_out(theme, ink, ground):
    colours = tokens(theme)
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_edges_of_inputs_stand_out(theme, ground):
    colours = tokens(theme)
    assert contrast(colours["edge"], colours[ground]) >= 3


def test_contrast_is_measured_rightly():
    assert contrast([100, 0, 0], [0, 0, 0]) == pytest.approx(21, abs=0.01)


def test_the_stylesheet_is_small():
    assert len(gzip.compress(CSS.encode(), 9)) <= 15 * 1024


def test_the_stylesheet_names_its_layers_and_loads_nothing():
    assert "@layer reset, tokens, base, layout, components, utilities, print;" in CSS
    assert "url(" not in CSS
    assert "@import" not in CSS


def test_the_script_is_small_and_evaluates_nothing():
    assert len(gzip.compress(SCRIPT.encode(), 9)) <= 4 * 1024
    assert not re.search(r"\beval\(|new Function|innerHTML|\.style\b|https?:", SCRIPT)


def test_htmx_is_the_file_we_reviewed():
    assert hashlib.sha256((ROOT / "static" / "vendor" / "htmx.min.js").read_bytes()).hexdigest() == HTMX


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_keep_the_house_rules(path):
    html = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    assert [rule for rule, pattern in FORBIDDEN.items() if re.search(pattern, html)] == []


def test_every_picture_exists():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', SPRITE))
    html = "".join(path.read_text() for path in TEMPLATES)
    used = set(re.findall(r'(?:ui\.)?icon\("([\w-]+)"', html)) | set(re.findall(r'picture="([\w-]+)"', html))
    assert used <= drawn
    assert "style" not in SPRITE


def test_every_colour_of_the_templates_is_defined():
    defined = set(re.findall(r"--([\w-]+):", CSS))
    assert set(re.findall(r"var\(--([\w-]+)\)", CSS)) <= defined

"""A persona's card as a PDF of one page, in fonts that know Latin, Greek, Cyrillic, Hebrew and Arabic."""

from __future__ import annotations

import logging
import unicodedata
from importlib.resources import files
from pathlib import Path
from typing import Any

from webapp.personas.cards import Card

SIZES = (11.0, 10.0, 9.0, 8.0, 7.0, 6.0)  # points; the largest that fits one page is taken
MOST_FITS = 6
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co"})  # control signs would be boxes or turn the text around
LONGEST = 600  # characters of a fit's text on the card; all of it stands in the other forms
INK, MUTED, ACCENT = (28, 27, 31), (95, 95, 105), (20, 92, 84)
MARGIN = 16.0  # millimetres


def as_pdf(card: Card) -> bytes:
    """Draw the card on an A4 page; the text shrinks until it fits. Signs that no font has are left out."""
    for size in SIZES[_first(card) :]:
        pdf = _drawn(card, size)
        if pdf.page == 1:
            break
        _close(pdf)
    body = bytes(pdf.output())
    _close(pdf)
    return body


def _first(card: Card) -> int:
    """Where in SIZES to begin: a long text is not tried in sizes that it surely overflows."""
    signs = sum(len(str(value)) for value in card.fields.values())
    return min(len(SIZES) - 2, signs // 1_600)


def _close(pdf: Any) -> None:
    """Let go of the font files, which the library keeps open."""
    for font in pdf.fonts.values():
        font.ttfont.close()


def _drawn(card: Card, size: float) -> Any:
    pdf = _document(card)
    _text(pdf, card.name, size * 1.9, INK)
    _text(pdf, str(card.fields["title"]), size * 1.15, MUTED)
    for heading, fields in card.groups():
        shown = [(label, value) for label, value in fields if label not in {"Persona name", "Job title"}]
        if shown:
            _heading(pdf, heading, size)
        for label, value in shown:
            _field(pdf, label, value, size)
    if card.fits:
        _heading(pdf, "Product fit", size)
    for fit in card.fits[:MOST_FITS]:
        _field(pdf, fit.product_name, fit.value_prop_to_them[:LONGEST], size)
    pdf.ln(size * 0.3)
    _text(pdf, f"Version {card.version}, {card.updated}", size * 0.8, MUTED)
    return pdf


def _document(card: Card) -> Any:
    from fpdf import FPDF  # noqa: PLC0415  # heavy: only the process that draws a PDF loads it

    # It warns of each sign that no font has, and of each font's subset: neither is news.
    for noisy in ("fpdf", "fontTools"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    pdf = FPDF(format="A4")
    pdf.set_margin(MARGIN)
    pdf.set_auto_page_break(auto=True, margin=MARGIN)
    latin, arabic = _font("fontpkg_open_sans"), _font("fontpkg_noto_sans_arabic")
    pdf.add_font("body", "", latin)
    pdf.add_font("arabic", "", arabic)
    pdf.set_fallback_fonts(["arabic"], exact_match=False)
    pdf.set_text_shaping(use_shaping_engine=True)
    pdf.set_title(card.name)
    pdf.set_lang("en")
    pdf.add_page()
    return pdf


def _font(package: str) -> Path:
    folder = Path(str(files(package))) / "files"
    return next(path for path in sorted(folder.glob("*.ttf")) if "Italic" not in path.name)


def _heading(pdf: Any, text: str, size: float) -> None:
    pdf.ln(size * 0.25)
    _text(pdf, text, size * 1.2, ACCENT)
    pdf.set_draw_color(*ACCENT)
    pdf.line(MARGIN, pdf.get_y(), pdf.w - MARGIN, pdf.get_y())
    pdf.ln(size * 0.12)


def _field(pdf: Any, label: str, value: str | list[str], size: float) -> None:
    _text(pdf, label, size * 0.85, MUTED)
    for text in [value] if isinstance(value, str) else [f"• {row}" for row in value]:
        _text(pdf, text, size, INK)
    pdf.ln(size * 0.1)


def _text(pdf: Any, text: str, size: float, colour: tuple[int, int, int]) -> None:
    plain = _drawable(text)
    if not plain.strip():
        return
    pdf.set_font("body", "", size)
    pdf.set_text_color(*colour)
    side = "R" if _rightwards(plain) else "L"
    pdf.multi_cell(0, size * 0.48, plain, align=side, new_x="LMARGIN", new_y="NEXT")


def _drawable(text: str) -> str:
    """The text without signs that cannot be drawn."""
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) not in HIDDEN)


def _rightwards(text: str) -> bool:
    """Whether the first letter that has a direction is written from the right."""
    kinds = (unicodedata.bidirectional(sign) for sign in text)
    return next((kind for kind in kinds if kind in {"L", "R", "AL"}), "L") != "L"

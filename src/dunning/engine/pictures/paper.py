"""
What SVG is written with: elements, text, colours that hold on light and dark paper.

Everything goes through ElementTree, which escapes it; `words.clean` has taken out what XML cannot hold at all.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from dunning.engine.pictures.words import clean, wrapped

# Okabe and Ito, Color Universal Design (2008): told apart with every common kind of colour vision. Green is kept for
# what is permitted. Nothing is told by colour alone: each of these comes with a pattern and a sign.
PERMITTED = "#009E73"
HUES = ("#E69F00", "#56B4E9", "#CC79A7", "#D55E00", "#0072B2", "#F0E442")
# Seven patterns and six hues make 42 that differ.
_PATTERNS = (
    "M0 8L8 0M-2 2L2 -2M6 10L10 6",
    "M0 0L8 8M-2 6L2 10M6 -2L10 2",
    "M0 4H8",
    "M4 0V8",
    "M0 4H8M4 0V8",
    "M2 2h.1M6 6h.1",
    "M0 8L8 0M0 0L8 8",
)
KINDS = len(HUES) * len(_PATTERNS)

_STYLE = """
text { font-family: system-ui, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", "PingFang SC", sans-serif; }
@media (prefers-color-scheme: dark) {
  .paper { fill: #0d1117; } .ink { fill: #e6edf3; } .faint { fill: #9da7b1; } .rule { stroke: #30363d; }
  .ground { fill: #161b22; } .chip { fill: #0d1117; } .now { stroke: #e6edf3; }
  .full { fill: #e6edf3; stroke: #e6edf3; } .hollow { fill: #0d1117; stroke: #e6edf3; }
}
"""
_COLOURS = {"ink": "#1f2328", "faint": "#59636e", "paper": "#ffffff", "ground": "#f3f4f6", "chip": "#ffffff"}


# Left, top, width and height; of a line, its two points.
Area = tuple[float, float, float, float]


def sheet(width: float, height: float, *, title: str, description: str) -> ET.Element:
    """Return an empty picture with its *title* and *description* for whoever does not see it."""
    svg = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {number(width)} {number(height)}",
            "width": number(width),
            "height": number(height),
            "role": "img",
        },
    )
    ET.SubElement(svg, "title").text = clean(title)
    ET.SubElement(svg, "desc").text = clean(description)
    ET.SubElement(svg, "style").text = _STYLE
    box(svg, (0, 0, width, height), "paper")
    return svg


def patterns(svg: ET.Element, numbers: Iterable[int]) -> None:
    """Define the pattern of each of those who object, by number; `pattern_of` names it."""
    defs = ET.SubElement(svg, "defs")
    # A name always means the same pattern, so that two pictures may stand on one page.
    for kind in sorted({one % KINDS for one in numbers}):
        pattern = ET.SubElement(
            defs,
            "pattern",
            {"id": f"dunning-who-{kind}", "width": "8", "height": "8", "patternUnits": "userSpaceOnUse"},
        )
        ET.SubElement(pattern, "rect", {"width": "8", "height": "8", "fill": HUES[kind % len(HUES)]})
        stroke = {"stroke": "#000000", "stroke-opacity": "0.38", "stroke-width": "1.1", "fill": "none"}
        if kind % len(_PATTERNS) == 5:  # noqa: PLR2004 - dots
            stroke |= {"stroke-width": "2.4", "stroke-linecap": "round"}
        ET.SubElement(pattern, "path", {"d": _PATTERNS[kind % len(_PATTERNS)], **stroke})
    missing = ET.SubElement(
        defs,
        "pattern",
        {"id": "dunning-unknown", "width": "6", "height": "6", "patternUnits": "userSpaceOnUse"},
    )
    ET.SubElement(missing, "rect", {"width": "6", "height": "6", "fill": "#9a9a9a"})
    ET.SubElement(missing, "path", {"d": "M0 6L6 0M0 0L6 6", "stroke": "#ffffff", "stroke-width": "1"})


def pattern_of(one: int) -> str:
    """Return the paint for whoever has this number."""
    return f"url(#dunning-who-{one % KINDS})"


UNKNOWN = "url(#dunning-unknown)"


def box(parent: ET.Element, area: Area, paint: str) -> ET.Element:
    """Draw a rectangle; *paint* is a colour, a pattern, or one of the names that change on dark paper."""
    place = dict(zip(("x", "y", "width", "height"), map(number, area), strict=True))
    named = {"class": paint, "fill": _COLOURS[paint]} if paint in _COLOURS else {"fill": paint}
    return ET.SubElement(parent, "rect", {**place, **named})


def line(parent: ET.Element, ends: Area, kind: str = "rule") -> ET.Element:
    """Draw a line from one point to another: ``rule`` is faint, ``now`` is strong."""
    paint = {"rule": {"stroke": "#d1d9e0"}, "now": {"stroke": "#1f2328", "stroke-width": "1.5"}}[kind]
    place = dict(zip(("x1", "y1", "x2", "y2"), map(number, ends), strict=True))
    return ET.SubElement(parent, "line", {"class": kind, **place, **paint})


def write(
    parent: ET.Element, x: float, y: float, text: str, *, size: float = 12, kind: str = "ink", **more: str
) -> ET.Element:
    """Write *text* with its baseline at *y*."""
    place = {"x": number(x), "y": number(y), "font-size": number(size), "class": kind, "fill": _COLOURS[kind]}
    element = ET.SubElement(
        parent, "text", {**place, **{name.replace("_", "-"): value for name, value in more.items()}}
    )
    element.text = clean(text)
    return element


def paragraph(
    parent: ET.Element, x: float, y: float, text: str, *, room: float, size: float = 12, kind: str = "ink"
) -> float:
    """Write *text* in as many lines as it needs, the first with its baseline at *y*; return where the next would be."""
    for one in wrapped(clean(text), room / size, _ems):
        write(parent, x, y, one, size=size, kind=kind)
        y += size * 1.4
    return y


def hint(element: ET.Element, text: str) -> None:
    """Say what *element* is, for a pointer that rests on it and for who does not see it."""
    ET.SubElement(element, "title").text = clean(text)


def number(value: float) -> str:
    """Return *value* with at most three places: a thousandth of a pixel is less than a second of a day."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def printed(svg: ET.Element) -> str:
    """Return the picture as the text of a file."""
    ET.indent(svg)
    return ET.tostring(svg, encoding="unicode") + "\n"


def _ems(text: str) -> float:
    """Return about how wide *text* is, in widths of a Chinese character; rather too much than too little."""
    return sum(1.0 if unicodedata.east_asian_width(sign) in ("W", "F") else 0.56 for sign in text)

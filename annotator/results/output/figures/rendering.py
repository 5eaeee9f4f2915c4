"""From a chart to SVG, PDF and PNG, without a browser.

Every color in a chart is a marker that stands for a role: ink, grid, the first network. The SVG of
a page gets CSS variables in their place, so that one drawing serves light and dark; a file gets
the light values.
"""

import re
from typing import Any

from annotator.side_process.process import DRAWING

# Marker: (CSS variable of results.css, value in a file). The series are the palette of Okabe and
# Ito, which color-blind readers can tell apart.
ROLES = {
    "#010101": ("--figure-ink", "#1f2328"),
    "#010102": ("--figure-muted", "#57606a"),
    "#010103": ("--figure-grid", "#d8dee4"),
    "#020201": ("--series-1", "#0072b2"),
    "#020202": ("--series-2", "#d55e00"),
    "#020203": ("--series-3", "#009e73"),
    "#020204": ("--series-4", "#cc79a7"),
    "#020205": ("--series-5", "#b58900"),
    "#020206": ("--series-6", "#56b4e9"),
}
INK, MUTED, GRID, *SERIES = ROLES
TRANSPARENT = "transparent"  # white in a file
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
IMAGE_TYPES = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}
PNG_SCALE = 3  # enough for print
# A mark of a chart with its label, as Vega writes it: element, label, other attributes.
LABELLED_MARK = re.compile(r'<(path|line|rect) aria-label="([^"]*)"([^>]*)/>')


def draw(function: str, *arguments: Any, **options: Any) -> Any:
    """Render with vl_convert, in a process of its own: it is large, and few pages draw."""
    return DRAWING.ask(function, arguments, options)


def chart_for_page(chart: Any) -> str:
    """Render an Altair chart as SVG in the colors of a page that has results.css.

    The label of a mark becomes its title, which a browser shows on hover. The page describes the
    figure in words, so all other roles and labels are removed: a screen reader would read every
    mark.
    """
    svg = str(draw("vegalite_to_svg", chart.to_dict(validate=False)))
    svg = LABELLED_MARK.sub(r"<\1\3><title>\2</title></\1>", svg)
    return svg_for_page(re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", svg))


def svg_for_page(svg: str) -> str:
    """Render an SVG with color markers in the colors of a page that has results.css."""
    for marker, (variable, _) in ROLES.items():
        svg = svg.replace(marker, f"var({variable})")
    return svg


def chart_as_file(chart: Any, kind: str) -> bytes:
    """Render an Altair chart as a file.

    Args:
        kind: svg, pdf or png.
    """
    spec = _in_light_colors(chart.to_dict(validate=False))
    if kind == "svg":
        return str(draw("vegalite_to_svg", spec)).encode()
    if kind == "pdf":
        return bytes(draw("vegalite_to_pdf", spec))
    return bytes(draw("vegalite_to_png", spec, scale=PNG_SCALE))


def svg_as_file(svg: str, kind: str) -> bytes:
    """Render an SVG with color markers as a file.

    Args:
        kind: svg, pdf or png.
    """
    for marker, (_, light) in ROLES.items():
        svg = svg.replace(marker, light)
    if kind == "svg":
        return svg.encode()
    if kind == "pdf":
        return bytes(draw("svg_to_pdf", svg))
    return bytes(draw("svg_to_png", svg, scale=PNG_SCALE))


def _in_light_colors(spec: Any) -> Any:
    """A Vega-Lite spec with every marker replaced by its light value, on white."""
    if isinstance(spec, dict):
        return {key: _in_light_colors(value) for key, value in spec.items()}
    if isinstance(spec, list):
        return [_in_light_colors(value) for value in spec]
    if spec == TRANSPARENT:
        return "white"
    return ROLES[spec][1] if isinstance(spec, str) and spec in ROLES else spec

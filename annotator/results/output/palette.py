"""The roles of colors in a figure, and its font. A page and a file give them their values."""

# Marker: (CSS variable of results.css, value in a file).
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
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"


def in_page_colors(svg: str) -> str:
    """An SVG whose roles are the page's colors."""
    for marker, (variable, _) in ROLES.items():
        svg = svg.replace(marker, f"var({variable})")
    return svg

"""Draw shares as horizontal bars in an SVG file, without any package."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

COLOURS = ("#1f4e79", "#9dc3e6", "#c55a11", "#7f7f7f", "#d9d9d9")
LEFT, WIDTH, ROW, TOP = 190, 420, 18, 56


def draw(path: Path, title: str, parts: Sequence[str], bars: Iterable[tuple[str, Mapping[str, float]]]) -> None:
    """Write a bar for each label, made of its parts (shares of 1) from left to right."""
    drawn = [*bars]
    height = TOP + ROW * len(drawn) + 24
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 30} {height}" '
        'font-family="sans-serif" font-size="11">',
        f'<title>{escape(title)}</title><rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="8" y="18" font-size="13">{escape(title)}</text>',
    ]
    for at, (part, colour) in enumerate(zip(parts, COLOURS, strict=False)):
        lines.append(f'<rect x="{8 + at * 120}" y="28" width="10" height="10" fill="{colour}"/>')
        lines.append(f'<text x="{22 + at * 120}" y="37">{escape(part)}</text>')
    for at, (label, shares) in enumerate(drawn):
        x, y = float(LEFT), TOP + ROW * at
        lines.append(f'<text x="{LEFT - 6}" y="{y + 11}" text-anchor="end">{escape(label)}</text>')
        for part, colour in zip(parts, COLOURS, strict=False):
            width = WIDTH * shares[part]
            lines.append(f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{ROW - 4}" fill="{colour}"/>')
            x += width
    for percent in (0, 25, 50, 75, 100):
        x = LEFT + WIDTH * percent / 100
        lines.append(f'<line x1="{x}" y1="{TOP - 4}" x2="{x}" y2="{height - 20}" stroke="#000" stroke-opacity=".2"/>')
        lines.append(f'<text x="{x}" y="{height - 6}" text-anchor="middle">{percent} %</text>')
    path.write_text("\n".join([*lines, "</svg>\n"]), encoding="utf-8")

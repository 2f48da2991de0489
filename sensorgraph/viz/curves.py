"""Several lines in several panels, to be compared: what remains as something gets worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from sensorgraph.viz.style import GRID, LINE_COLOURS, finish, house_style, new_figure


def draw_curves(
    panels: Mapping[str, Mapping[str, Sequence[float]]],
    steps: Sequence[float],
    path: str | Path | None = None,
    title: str = "",
    labels: tuple[str, str] = ("", ""),
) -> Figure:
    """Draw one panel beside the other, on one scale; a line keeps its colour in all of them.

    Args:
        panels: name of the panel to name of the line to a value per step.
        steps: places along the axis.
        path: where to save it as a PNG.
        title: above.
        labels: of the horizontal and of the vertical axis.

    Example:
        >>> figure = draw_curves({"audio": {"late": [0.7, 0.5]}, "text": {"late": [0.7, 0.6]}}, steps=[0, 1])
        >>> len(figure.axes), figure.axes[0].get_ylim() == figure.axes[1].get_ylim()
        (2, True)
    """
    with house_style():
        figure = new_figure(2.4 * len(panels) + 1.0, 3.2)
        all_axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        names = list(dict.fromkeys(name for lines in panels.values() for name in lines))
        for axes, (panel, lines) in zip(all_axes, panels.items(), strict=True):
            for name, values in lines.items():
                colour = LINE_COLOURS[names.index(name) % len(LINE_COLOURS)]
                axes.plot(steps, values, color=colour, marker="o", markersize=3, linewidth=1.4, label=name)
            axes.set_title(panel)
            axes.set_xlabel(labels[0])
            axes.set_xticks(list(steps))
            axes.grid(color=GRID, linewidth=0.6)
        all_axes[0].set_ylabel(labels[1])
        handles, shown = all_axes[0].get_legend_handles_labels()
        figure.legend(handles, shown, loc="lower center", ncols=len(names))
        finish(figure, title, path, rect=(0.0, 0.08, 1.0, 1.0))
    return figure

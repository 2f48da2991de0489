"""One look for all pictures: colours, figures, and how they are saved.

Figures are made without pyplot, so that no global list keeps them alive: nothing has to be closed, nothing leaks, and
any thread may draw.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sensorgraph.scenes.atomic import write_atomically
from sensorgraph.typing import Modality

# Told apart with colour-blind eyes (after Okabe and Ito, 2008), and none of them is the red of an alarm.
MODALITY_COLOURS: dict[Modality, str] = {
    "sensor": "#2F6DB3",
    "image": "#E39A1B",
    "audio": "#1B9E77",
    "text": "#8A63B8",
    "video": "#4FB6D8",
}
OTHER_COLOUR = "#7F7F7F"
PAIR_COLOUR = "#C2185B"
ALARM_COLOUR = "#D62728"
TRUTH_COLOUR = "#B8860B"
INK = "#222222"
FAINT = "#9AA0A6"
GRID = "#E4E6E8"
LANE = "#F6F7F8"
# Several lines in one panel.
LINE_COLOURS = ("#2F6DB3", "#E39A1B", "#1B9E77", "#8A63B8", "#4FB6D8", "#8C564B")
DPI = 110

_LOOK: dict[Any, Any] = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "text.color": INK,
    "figure.facecolor": "white",
    "svg.hashsalt": "sensorgraph",
}


@contextmanager
def house_style() -> Iterator[None]:
    """Everything drawn inside has the look of the house; the caller's settings come back afterwards."""
    with mpl.rc_context(_LOOK):
        yield


def new_figure(width_in: float, height_in: float) -> Figure:
    """An empty figure on the Agg canvas (inches), known to nobody but the caller."""
    figure = Figure(figsize=(width_in, height_in), dpi=DPI)
    FigureCanvasAgg(figure)
    return figure


def save(figure: Figure, path: str | Path) -> None:
    """Write a figure as PNG in one step; the same figure gives the same bytes.

    Raises:
        OSError: the folder is missing or the disk is full; an old file stays as it was.
    """
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    write_atomically(path, buffer.getvalue())


def finish(
    figure: Figure,
    title: str | None,
    path: str | Path | None,
    rect: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0),
) -> None:
    """Title, margins and file of a figure of tables: each of them if it is asked for.

    Args:
        figure: what is drawn.
        title: above it, to the left.
        path: where the PNG goes.
        rect: the part that axes may take: left, bottom, right, top.

    Raises:
        OSError: the folder is missing or the disk is full; an old file stays as it was.
    """
    if title:
        figure.suptitle(title, x=0.02, ha="left", fontsize=10, fontweight="bold")
    figure.tight_layout(rect=rect)
    if path is not None:
        save(figure, path)


def modality_colour(modality: str) -> str:
    """Colour of a modality; grey for one that is not of the house."""
    return MODALITY_COLOURS.get(cast(Modality, modality), OTHER_COLOUR)


def say_empty(axes: Axes, message: str) -> None:
    """Write into the middle of empty axes why they are empty."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.text(0.5, 0.5, message, transform=axes.transAxes, ha="center", va="center", color=FAINT, fontsize=11)


def shorten(text: str, num_letters: int) -> str:
    """A text of at most ``num_letters`` letters; what was cut is shown by an ellipsis.

    Example:
        >>> shorten("bearing temperature", 10)
        'bearing t…'
    """
    return text if len(text) <= num_letters else text[: num_letters - 1] + "…"


def shorten_middle(text: str, num_letters: int) -> str:
    """A text of at most ``num_letters`` letters that keeps both ends: names of channels differ in their last letters.

    Example:
        >>> shorten_middle("vehicle_attitude.w0", 12)
        'vehicl…de.w0'
    """
    if len(text) <= num_letters:
        return text
    end = (num_letters - 1) // 2
    return f"{text[: num_letters - 1 - end]}…{text[len(text) - end :]}"

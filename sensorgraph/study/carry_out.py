"""Carries out cells, alone or in several processes; what an earlier run finished is not run again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, as_completed
from pathlib import Path

from sensorgraph.study.cell import Cell, Result, is_done, load_result, save_result


def carry_out(
    cells: Sequence[Cell], folder: Path, make: Callable[[Cell], Result], pool: Executor | None = None
) -> Iterator[Result]:
    """Results of all cells, those that are there already first.

    Each is a file that appears when its cell is finished, so that a run that was killed loses the cells it was at and
    nothing else, and calling again goes on there.

    Args:
        cells: what to run.
        folder: where results lie.
        make: runs a cell; with a pool it must be a function that other processes can import.
        pool: of processes that run cells side by side; None runs them here, in order.

    Example:
        >>> import tempfile
        >>> ran: list[str] = []
        >>> def make(cell: Cell) -> Result:
        ...     ran.append(cell.name)
        ...     return Result(cell, {"test": 1.0})
        >>> folder, cells = Path(tempfile.mkdtemp()), [Cell("late", ("text", "audio"), seed) for seed in (0, 1)]
        >>> for number in (1, 2):
        ...     found = list(carry_out(cells[:number], folder, make))
        >>> ran
        ['late.text+audio.seed0', 'late.text+audio.seed1']
    """
    folder.mkdir(parents=True, exist_ok=True)
    left = [cell for cell in cells if not is_done(folder, cell)]
    yield from (load_result(folder, cell) for cell in cells if cell not in left)
    if pool is None:
        for cell in left:
            save_result(folder, make(cell))
            yield load_result(folder, cell)
        return
    running = {pool.submit(make, cell): cell for cell in left}
    for done in as_completed(running):
        save_result(folder, done.result())
        yield load_result(folder, running[done])

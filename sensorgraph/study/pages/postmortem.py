"""The six questions of a postmortem, answered with numbers of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sensorgraph.study.cell import Cell
from sensorgraph.study.conditions import keep
from sensorgraph.study.dominance import complementarity, perceptual_scores
from sensorgraph.study.found import Found
from sensorgraph.study.pages.comparison import ONE_SEED, convergence, parts_of_scenes
from sensorgraph.study.pages.imbalance import Weakened
from sensorgraph.study.pages.markdown import NOT_MEASURED, between, counted, share, spread, table
from sensorgraph.study.pages.removal import rest_of, trained_without, with_dropout
from sensorgraph.study.rows import MEAN_OF_PROBABILITIES, ORACLE, Row, Verdict, row_named, verdict

DEFAULT_KIND = "message_passing"
"""What run files of this package name."""


def postmortem_sections(
    found: Found, rows: Sequence[Row], weak: Sequence[Weakened], growth: Mapping[str, Sequence[int]]
) -> list[str]:
    """One section per question."""
    return [
        "Verdicts follow one rule: *outperforms* and *falls behind* are only said where the 95 % interval of the "
        "paired difference, by recording, excludes 0. The tables are in [experiments.md](experiments.md).",
        outperformed(found, rows),
        worked_best(found, rows),
        robust(found, weak),
        stable(found, rows),
        grew(growth),
        worth_it(found, rows),
    ]


def outperformed(found: Found, rows: Sequence[Row]) -> str:
    """1. Did multimodal fusion meaningfully outperform unimodal models?"""
    alone, best, mean = _of(rows, found)
    ours = verdict(found, best, alone)
    kinds = [row for row in rows if row.family == "fusion"]
    words = [verdict(found, row, alone).words for row in kinds]
    parts = {name: verdict(found, best, alone, chosen) for name, chosen in parts_of_scenes(found).items()}
    beside_mean = verdict(found, best, mean)
    return _section(
        "1. Did multimodal fusion meaningfully outperform unimodal models?",
        f"{_yes(ours)} Chosen on validation scenes, the best kind of fusion is `{best.name}` and the best modality "
        f"alone is {alone.name}: {share(float(best.test.mean()))} against {share(float(alone.test.mean()))}, a "
        f"difference of {between(ours.difference)}: `{best.name}` {_says(ours)} {alone.name} alone.",
        *(f"On scenes with {name}: {between(one.difference)}, {one.words}." for name, one in parts.items()),
        f"Of {len(kinds)} kinds, {words.count('outperforms')} outperform {alone.name} alone, "
        f"{words.count('falls behind')} fall behind, and for {words.count('no difference shown')} no difference is "
        "shown.",
        f"The mean of probabilities, which has nothing to learn about fusing, reaches {share(float(mean.test.mean()))} "
        f"({between(verdict(found, mean, alone).difference)} against {alone.name} alone); `{best.name}` "
        f"{_says(beside_mean)} it ({between(beside_mean.difference)}).",
    )


def worked_best(found: Found, rows: Sequence[Row]) -> str:
    """2. Which fusion strategy worked best?"""
    _, best, _ = _of(rows, found)
    others = [row for row in rows if row.family == "fusion" and row is not best]
    beside = {row.name: verdict(found, best, row) for row in others}
    behind = [name for name, one in beside.items() if one.words == "outperforms"]
    level = [row for row in others if beside[row.name].words == "no difference shown"]
    cheapest = min([best, *level], key=lambda row: row.fusion_parameters)
    ahead = [name for name, one in beside.items() if one.words == "falls behind"]
    sentences = [
        f"`{best.name}`, by validation ({share(float(best.validation.mean()))}); test "
        f"{share(float(best.test.mean()))}, standard deviation over seeds {spread(best.test)}.",
        f"It outperforms {_names(behind)}. No difference is shown to {_names([row.name for row in level])}."
        + (f" On test scenes it falls behind {_names(ahead)}." if ahead else ""),
        f"Among it and those, `{cheapest.name}` has the fewest parameters in the fusion "
        f"({cheapest.fusion_parameters:,}; `{best.name}` {best.fusion_parameters:,}).",
    ]
    if DEFAULT_KIND in found.plan.kinds and best.name != DEFAULT_KIND:
        default = verdict(found, row_named(rows, DEFAULT_KIND), best)
        sentences.append(
            f"The default of the scene network, `{DEFAULT_KIND}` (here without its fitted linear factors), "
            f"{_says(default)} `{best.name}`: {between(default.difference)}."
        )
    if {"early", "late"} <= set(found.plan.kinds):
        early = verdict(found, row_named(rows, "early"), row_named(rows, "late"))
        sentences.append(f"Early fusion {_says(early)} late fusion: {between(early.difference)}.")
    ensemble = [row for row in rows if row.family == "ensemble"]
    for row in ensemble:
        one = verdict(found, row, best)
        sentences.append(
            f"An ensemble of all kinds {_says(one)} `{best.name}` ({between(one.difference)}), for "
            f"{row.parameters / best.parameters:.0f} times the parameters."
        )
    sentences.append(convergence(found))
    if found.plan.num_seeds == 1:
        sentences.append(ONE_SEED.strip())
    return _section("2. Which fusion strategy worked best?", *sentences)


def robust(found: Found, weak: Sequence[Weakened]) -> str:
    """3. Was the model robust to missing modalities?"""
    left = {
        (kind, modality): _kept(found, [found.whole(kind, seed) for seed in found.seeds()], modality)
        for kind in found.plan.kinds
        for modality in found.modalities
    }
    (worst_kind, worst_missing), worst = min(left.items(), key=lambda pair: pair[1])
    mean = {kind: np.mean([left[kind, m] for m in found.modalities]) for kind in found.plan.kinds}
    least, most = min(mean, key=lambda kind: mean[kind]), max(mean, key=lambda kind: mean[kind])
    parts = [
        f"Networks that were never trained to bear it keep {worst:.2f} of their accuracy in the worst case "
        f"(`{worst_kind}` without {worst_missing}). The mean over the missing modality is {mean[least]:.2f} for the "
        f"least robust kind (`{least}`) and {mean[most]:.2f} for the most robust (`{most}`)."
    ]
    if found.plan.closer:
        parts += [
            "Trained with modality dropout, and never having had the modality "
            f"({counted(found.plan.num_closer_seeds, 'seed')}; the last is the most that can be asked for):",
            table(
                ["fusion", "missing", *_KEPT], [line for kind in found.plan.closer for line in _bearing(found, kind)]
            ),
        ]
    else:
        parts.append(f"Training with modality dropout: {NOT_MEASURED}.")
    harmed = [f"{one.modality} {one.weakness} ({one.kind})" for one in weak if one.words == "harms"]
    helped = [one for one in weak if one.words == "still helps"]
    parts.append(
        f"A modality that is weak from the beginning (less data, noise, cut short) still helps in {len(helped)} of "
        f"{len(weak)} cases, and harms in {len(harmed)}{': ' + _names(harmed) if harmed else ''}."
        if weak
        else f"Modalities that are weak from the beginning: {NOT_MEASURED}."
    )
    return _section("3. Was the model robust to missing modalities?", *parts)


_KEPT = ("kept, removed", "kept, with dropout", "kept, trained without", "dropout minus trained without")


def _kept(found: Found, cells: Sequence[Cell], modality: str) -> float:
    """Share of the accuracy that is left without a modality."""
    return found.mean_accuracy(cells, keep(rest_of(found, modality))) / found.mean_accuracy(cells)


def _bearing(found: Found, kind: str) -> list[list[str]]:
    """What is left of a kind of the closer look without each modality."""
    whole = [found.whole(kind, seed) for seed in found.seeds(closer=True)]
    dropout, lines = with_dropout(found, kind), []
    for modality in found.modalities:
        never = trained_without(found, kind, modality)
        gap = Verdict(found.difference(found.rights(dropout, keep(rest_of(found, modality))), found.rights(never)))
        lines.append(
            [
                kind,
                modality,
                f"{_kept(found, whole, modality):.2f}",
                f"{_kept(found, dropout, modality):.2f}",
                f"{found.mean_accuracy(never) / found.mean_accuracy(whole):.2f}",
                f"{between(gap.difference)} {gap.words}",
            ]
        )
    return lines


def stable(found: Found, rows: Sequence[Row]) -> str:
    """4. Did training become less stable with fusion?"""
    families = {
        "a modality alone": [row for row in rows if row.family == "alone"],
        "fusion": [row for row in rows if row.family == "fusion"],
    }
    seeds = found.plan.num_seeds
    lines = [
        [
            name,
            f"{sum(row.num_diverged for row in part)} of {len(part) * seeds}",
            share(float(np.mean([np.std(row.test, ddof=1) for row in part]))) if seeds > 1 else NOT_MEASURED,
            share(float(np.max([np.std(row.test, ddof=1) for row in part]))) if seeds > 1 else NOT_MEASURED,
            f"{np.mean([row.epochs_to_best for row in part if row.epochs_to_best is not None]):.1f}",
            share(float(np.mean([row.gap for row in part if row.gap is not None]))),
            share(float(np.max([row.gap for row in part if row.gap is not None]))),
        ]
        for name, part in families.items()
    ]
    header = ["", "diverged", "mean spread over seeds", "largest", "epochs to best", "mean train minus test", "largest"]
    diverged = sum(row.num_diverged for row in families["fusion"])
    steadier = "not measured with one seed"
    if seeds > 1:
        spreads = [float(np.mean([np.std(row.test, ddof=1) for row in part])) for part in families.values()]
        ratio = f"{spreads[1] / spreads[0]:.1f} times" if spreads[0] > 0 else "larger than"
        steadier = f"{ratio} that of single modalities, as far as {seeds} seeds can tell"
    return _section(
        "4. Did training become less stable with fusion?",
        f"{'No training with fusion diverged.' if not diverged else f'{diverged} trainings with fusion diverged.'} "
        f"The mean spread over seeds is {steadier}.",
        table(header, lines),
    )


def grew(growth: Mapping[str, Sequence[int]]) -> str:
    """5. Did parameter count scale linearly or explosively?"""
    bent = [kind for kind, row in growth.items() if len(row) > 2 and not _is_bounded(row)]
    first, last = ([row[place] for row in growth.values()] for place in (0, -1))
    count = len(next(iter(growth.values())))
    added = [row[place + 1] - row[place] for row in growth.values() for place in range(len(row) - 1)]
    return _section(
        "5. Did parameter count scale linearly or explosively?",
        f"{'Linearly, in every kind' if not bent else 'Not linearly in ' + _names(bent)}: a further modality adds "
        f"{min(added):,} to {max(added):,} parameters, which are those of its own encoder, and the fusion itself does "
        f"not grow. From 1 to {count} modalities networks grow from {min(first):,}-{max(first):,} to "
        f"{min(last):,}-{max(last):,}.",
        "So the price of a kind is not its growth but its size: the kinds differ by a factor of "
        f"{max(last) / min(last):.1f} with all modalities.",
    )


def worth_it(found: Found, rows: Sequence[Row]) -> str:
    """6. When is multimodal modeling actually worth it?"""
    alone, best, _ = _of(rows, found)
    values = complementarity(found)
    place = found.modalities.index(alone.name)
    helpers = [(m, float(values[place, n])) for n, m in enumerate(found.modalities) if n != place]
    helper, how_often = max(helpers, key=lambda pair: pair[1])
    oracle = row_named(rows, ORACLE)
    parts = {name: verdict(found, best, alone, chosen) for name, chosen in parts_of_scenes(found).items()}
    shown = [
        f"scenes with {name} ({between(one.difference)})" for name, one in parts.items() if one.words == "outperforms"
    ]
    return _section(
        "6. When is multimodal modeling actually worth it?",
        f"Where `{best.name}` gains over {alone.name} alone: "
        f"{_names(shown) if shown else 'nowhere that can be shown'}.",
        *_worth_adding(found),
        f"Where {alone.name} alone is wrong, {helper} alone is right in {share(how_often)} of the scenes. Any modality "
        f"alone is right in {share(float(oracle.test.mean()))}; `{best.name}` reaches "
        f"{share(float(best.test.mean()))}, which may exceed the oracle only where modalities tell something together "
        "that none tells alone.",
        f"The price: {best.parameters / alone.parameters:.1f} times the parameters and "
        f"{best.train_cpu_s / max(alone.train_cpu_s, 1e-9):.1f} times the training time of {alone.name} alone.",
    )


def _worth_adding(found: Found) -> list[str]:
    """What each modality adds to all others, for the best kind of the closer look."""
    if not found.plan.closer:
        return [f"What each modality adds to all others, trained with and without it: {NOT_MEASURED}."]
    kind, seeds = found.best_closer, found.seeds(closer=True)
    whole = [found.whole(kind, seed) for seed in seeds]
    lines = []
    for modality in found.modalities:
        never = trained_without(found, kind, modality)
        gain = Verdict(found.difference(found.rights(whole), found.rights(never)))
        used = float(np.mean([perceptual_scores(found, cell)[modality] for cell in whole]))
        words = {"outperforms": "worth adding", "falls behind": "better left out"}.get(gain.words, gain.words)
        lines.append([modality, between(gain.difference), words, share(used)])
    return [
        f"Adding each modality to all others, `{kind}` trained with and without it ({counted(len(seeds), 'seed')}):",
        table(["modality", "gain", "verdict", "perceptual score"], lines),
    ]


def _of(rows: Sequence[Row], found: Found) -> tuple[Row, Row, Row]:
    return (
        row_named(rows, found.best_modality),
        row_named(rows, found.best_kind),
        row_named(rows, MEAN_OF_PROBABILITIES),
    )


def _is_bounded(row: Sequence[int]) -> bool:
    """Whether no step is much larger than another: encoders differ in width, but growth makes ever larger steps."""
    steps = np.diff(row)
    return bool(steps.max() <= 3 * max(steps.min(), 1))


def _section(title: str, *parts: str) -> str:
    return "\n\n".join([f"## {title}", *parts])


def _says(one: Verdict) -> str:
    return {"no difference shown": "is not shown to differ from"}.get(one.words, one.words)


def _yes(one: Verdict) -> str:
    return {"outperforms": "Yes.", "falls behind": "No, it fell behind."}.get(one.words, "Not that could be shown.")


def _names(names: Sequence[str]) -> str:
    return ", ".join(names) if names else "no other"  # a kind of fusion is called none

"""Log lines as token ids, and as the numbers that other streams can know: which words, which values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

NUM_SUMMARY_WORDS = 40
NUM_SUMMARY_NUMBERS = 8
UNKNOWN = "[UNK]"

_WORD_OR_NUMBER = re.compile(r"[^\W\d_]+|[-+]?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class TextVocabulary:
    """A tokenizer trained on the corpus, and the words and numbers of the summary.

    The summary of a bin says which of the ``words`` occur in its lines, and gives the value that follows each of the
    ``keys`` (``"set-point 1450 rpm"`` has the key ``point``). Words that are in every line or hardly any tell nothing
    and are left out.

    Attributes:
        tokenizer_json: the trained tokenizer; empty when there was no text.
        words: at most 40 words, most telling first.
        keys: at most 8 words that precede numbers, most frequent first.
    """

    tokenizer_json: str = ""
    words: tuple[str, ...] = ()
    keys: tuple[str, ...] = field(default=())

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> TextVocabulary:
        """From the plain dictionary that `dataclasses.asdict` makes."""
        return cls(fields["tokenizer_json"], tuple(fields["words"]), tuple(fields["keys"]))

    @classmethod
    def fit(cls, lines: Iterable[str], vocab_size: int = 512) -> TextVocabulary:
        """Train on the lines of the training split (none gives an empty vocabulary)."""
        lines = list(lines)
        if not lines:
            return cls()
        tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=True)]
        )
        trainer = trainers.BpeTrainer(vocab_size=vocab_size, special_tokens=[UNKNOWN], show_progress=False)
        tokenizer.train_from_iterator(lines, trainer)

        with_word: Counter[str] = Counter()
        with_key: Counter[str] = Counter()
        for line in lines:
            words, numbers = parse(line)
            with_word.update(set(words))
            with_key.update(numbers.keys())
        share = {word: count / len(lines) for word, count in with_word.items()}
        telling = sorted(share, key=lambda word: (-share[word] * (1 - share[word]), word))
        telling = [word for word in telling if 0.002 < share[word] < 0.998]
        keys = [key for key, _ in sorted(with_key.items(), key=lambda item: (-item[1], item[0]))]
        return cls(tokenizer.to_str(), tuple(telling[:NUM_SUMMARY_WORDS]), tuple(keys[:NUM_SUMMARY_NUMBERS]))

    @cached_property
    def _tokenizer(self) -> Tokenizer | None:
        return Tokenizer.from_str(self.tokenizer_json) if self.tokenizer_json else None

    @property
    def vocab_size(self) -> int:
        """Token ids run from 0 to here (at least 1: the unknown token)."""
        return max(self._tokenizer.get_vocab_size(), 1) if self._tokenizer else 1

    def token_ids(self, line: str) -> list[int]:
        """Ids of the tokens of one line; an empty line has none."""
        return self._tokenizer.encode(line).ids if self._tokenizer else [0] * len(line.split())

    def summary(self, lines: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Summary of the lines of one bin.

        Shapes: values [F] float32 and observed [F] bool, F = 48. Without lines nothing is observed: when a log speaks
        is its own affair, what it says is not.
        """
        values = np.zeros(NUM_SUMMARY_WORDS + NUM_SUMMARY_NUMBERS, np.float32)
        observed = np.zeros(len(values), bool)
        if not lines:
            return values, observed
        found_words: set[str] = set()
        found_numbers: dict[str, list[float]] = {}
        for line in lines:
            words, numbers = parse(line)
            found_words.update(words)
            for key, number in numbers.items():
                found_numbers.setdefault(key, []).append(number)
        for place, word in enumerate(self.words):
            values[place] = word in found_words
            observed[place] = True
        for place, key in enumerate(self.keys, start=NUM_SUMMARY_WORDS):
            if key in found_numbers:
                values[place] = np.mean(found_numbers[key])
                observed[place] = True
        return values, observed


def parse(line: str) -> tuple[list[str], dict[str, float]]:
    """Words of a line, and its numbers by the word before them.

    Example:
        >>> parse("set-point 1450 rpm, mode CRUISE")
        (['set', 'point', 'rpm', 'mode', 'cruise'], {'point': 1450.0})
    """
    words: list[str] = []
    numbers: dict[str, float] = {}
    for match in _WORD_OR_NUMBER.finditer(line.lower()):
        piece = match.group()
        if piece[-1].isdigit():
            if words:
                numbers.setdefault(words[-1], float(piece))
        else:
            words.append(piece)
    return words, numbers

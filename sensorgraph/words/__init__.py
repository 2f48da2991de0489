"""Classical evidence in raw 16-bit words: bits, carries, candidate pairs, roll-overs (numpy and scipy only)."""

from sensorgraph.words.bits import BitStatistics, bit_statistics
from sensorgraph.words.candidates import Candidates, find_candidates
from sensorgraph.words.carries import Events, steps, wraps
from sensorgraph.words.channel import WordChannel, word_channels
from sensorgraph.words.conclude import conclude
from sensorgraph.words.evidence import EVIDENCE
from sensorgraph.words.features import NUM_BIT_FEATURES, WORD_FEATURE_NAMES, word_features
from sensorgraph.words.fields import Layout, layout
from sensorgraph.words.found import Abstention, Field, Pair, WordsFound
from sensorgraph.words.given import given_channels
from sensorgraph.words.joined import JoinedValue, joined_value
from sensorgraph.words.judgement import Judgement, WordEvidence
from sensorgraph.words.overflow import BIN_EVIDENCE, overflow_bins, rollovers
from sensorgraph.words.read import read_words_classical
from sensorgraph.words.rules import judge_by_rules
from sensorgraph.words.table import WordTable

__all__ = [
    "BIN_EVIDENCE",
    "EVIDENCE",
    "NUM_BIT_FEATURES",
    "WORD_FEATURE_NAMES",
    "Abstention",
    "BitStatistics",
    "Candidates",
    "Events",
    "Field",
    "JoinedValue",
    "Judgement",
    "Layout",
    "Pair",
    "WordChannel",
    "WordEvidence",
    "WordTable",
    "WordsFound",
    "bit_statistics",
    "conclude",
    "find_candidates",
    "given_channels",
    "joined_value",
    "judge_by_rules",
    "layout",
    "overflow_bins",
    "read_words_classical",
    "rollovers",
    "steps",
    "word_channels",
    "word_features",
    "wraps",
]

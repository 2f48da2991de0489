"""The fusion study: is fusing worth it, and when? Every kind of fusion beside each modality alone."""

from sensorgraph.study.conduct import Conducted, conduct
from sensorgraph.study.fit import FitSettings
from sensorgraph.study.found import Found, Truth
from sensorgraph.study.plan import StudyPlan
from sensorgraph.study.shapley import shapley_values
from sensorgraph.study.task import StudyTask

__all__ = [
    "Conducted",
    "FitSettings",
    "Found",
    "StudyPlan",
    "StudyTask",
    "Truth",
    "conduct",
    "shapley_values",
]

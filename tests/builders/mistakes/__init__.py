"""Mistakes that only a cluster can show: how each is made, what is said of it, how it is cured."""

from builders.mistakes.data import DATA
from builders.mistakes.deployments import DEPLOYMENTS
from builders.mistakes.models import MODELS

ALL = DATA + MODELS + DEPLOYMENTS

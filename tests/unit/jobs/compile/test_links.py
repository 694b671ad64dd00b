import numpy as np
import pytest
from sklearn._loss.link import IdentityLink, LogitLink, LogLink

from perennial.artifacts.compiled import Constant, Link, Linked
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.links import linked

SCORES = Constant(scores=np.array([1.0]))


def test_the_identity_adds_no_step():
    assert linked(SCORES, IdentityLink()) is SCORES


def test_logarithms_become_amounts():
    amounts = linked(SCORES, LogLink())
    assert isinstance(amounts, Linked)
    assert amounts.link is Link.EXPONENTIAL


def test_a_link_that_the_server_lacks_is_named():
    with pytest.raises(NotCompilableError, match="LogitLink"):
        linked(SCORES, LogitLink())

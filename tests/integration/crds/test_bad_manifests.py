"""Every mistake is refused at admission, by words that name the field and the remedy."""

import pytest

from builders.examples import changed, example
from harness.api import RefusedError
from integration.crds.admission import admitted
from integration.crds.mistakes import dataset, model, pod, serving

pytestmark = pytest.mark.integration

MISTAKES = (*dataset.MISTAKES, *pod.MISTAKES, *model.MISTAKES, *serving.MISTAKES)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_refused_with_field_and_remedy(mistake, place):
    manifest = changed(example(mistake.example), mistake.changes)
    with pytest.raises(RefusedError) as refusal:
        admitted(place, manifest)
    missing = [words for words in mistake.says if words not in str(refusal.value)]
    assert not missing, str(refusal.value)


def test_the_corpus_is_large_and_names_every_mistake_once():
    names = [(mistake.example, mistake.name) for mistake in MISTAKES]
    assert len(names) == len(set(names)) >= 60

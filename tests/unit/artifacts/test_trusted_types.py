import importlib

import pytest

from perennial.artifacts.trusted_types import TRUSTED, UntrustedTypeError, check_trusted


@pytest.mark.parametrize("name", sorted(TRUSTED))
def test_every_trusted_type_exists(name):
    module, _, attribute = name.rpartition(".")
    assert hasattr(importlib.import_module(module), attribute)


def test_what_is_on_the_list_is_trusted():
    check_trusted(TRUSTED)


@pytest.mark.parametrize("name", ["os.system", "builtins.eval", "sklearn.tree._tree.Trees"])
def test_anything_else_is_refused(name):
    with pytest.raises(UntrustedTypeError, match=name):
        check_trusted([*TRUSTED, name])

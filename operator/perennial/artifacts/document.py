"""The base of the files that artifacts and snapshots hold as JSON."""

from pydantic import ConfigDict

from perennial.api.schema import Spec, Status

# these have no reference page, and reading the docstrings of fields is a tenth of a server's start
_UNDESCRIBED = ConfigDict(use_attribute_docstrings=False)


class Document(Spec):
    """A file, or a part of one; unknown fields are errors."""

    model_config = _UNDESCRIBED


class GrowingDocument(Status):
    """A file to which later formats add fields, but in which they change none."""

    model_config = _UNDESCRIBED

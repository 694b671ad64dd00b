"""The base of the files that artifacts and snapshots hold as JSON."""

from pydantic import ConfigDict

from perennial.api.schema import Spec, Status

# a server starts sooner: it reads no docstrings, of which no manual is made here, and builds the
# parts of a file once, within the file
_QUICK_TO_IMPORT = ConfigDict(use_attribute_docstrings=False, defer_build=True)


class Document(Spec):
    """A file, or a part of one: unknown fields are mistakes."""

    model_config = _QUICK_TO_IMPORT


class GrowingDocument(Status):
    """A file to which later formats add fields, but in which they change none."""

    model_config = _QUICK_TO_IMPORT

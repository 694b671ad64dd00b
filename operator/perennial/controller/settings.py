"""The configuration file, read and checked before anything starts."""

from pathlib import Path

import yaml
from pydantic import ValidationError

from perennial.api.configuration import Configuration
from perennial.reconcile.errors import field_path


class BadConfiguration(Exception):  # noqa: N818 - it names what is bad
    """The file cannot be used; the message says where and why."""


def load(file: Path) -> Configuration:
    """Return the configuration that a file holds."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadConfiguration(f"{file}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadConfiguration(f"{file} is not YAML: {error}") from error
    try:
        return Configuration.model_validate(content)
    except ValidationError as error:
        mistakes = error.errors(include_url=False, include_input=False)
        lines = (f"{field_path(each['loc']) or '(file)'}: {each['msg']}" for each in mistakes)
        raise BadConfiguration(f"{file}: " + "; ".join(lines)) from None

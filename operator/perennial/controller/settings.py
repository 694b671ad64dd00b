"""Reads and validates the configuration file before anything starts."""

from pathlib import Path

import yaml
from pydantic import ValidationError

from perennial.api.configuration import Configuration
from perennial.reconcile.errors import field_path


class ConfigurationError(Exception):
    """The file is invalid; the message names the field and the mistake."""


def load(file: Path) -> Configuration:
    """Return the configuration in a file; raise ConfigurationError when it is invalid."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} is not YAML: {error}") from error
    try:
        return Configuration.model_validate(content)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        lines = (f"{field_path(each['loc']) or '(file)'}: {each['msg']}" for each in details)
        raise ConfigurationError(f"{file}: " + "; ".join(lines)) from None

"""Write the generated files: CRDs, chart, roles, policies, reference, GitOps, estimators."""

import argparse
import difflib
import json
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import yaml

from perennial.api.kinds import KINDS
from perennial.cluster.rbac import LEADER_RULES, RULES
from perennial.generate import chart_files
from perennial.generate.crd import Schema, custom_resource_definition
from perennial.generate.gitops import gitops
from perennial.generate.plugin_reference import PAGE, plugin_page
from perennial.generate.policies import POLICIES, Policy
from perennial.generate.reference import reference_page

ROOT: Final = Path(__file__).resolve().parents[3]
HEADER: Final = "Generated from operator/perennial by `make generate`; do not edit."
CRDS: Final = Path("crds")
CHART: Final = Path("charts/perennial/templates")
REFERENCE: Final = Path("docs/reference")
ESTIMATORS: Final = Path("operator/perennial/api/estimators.json")

_IN_CHART: Final = """\
{{{{- /* {header} */}}}}
{{{{- if .Values.crds.install }}}}
{before}
metadata:
  {{{{- if .Values.crds.keep }}}}
  annotations:
    helm.sh/resource-policy: keep
  {{{{- end }}}}
{after}{{{{- end }}}}
"""


_POLICY: Final = """\
---
apiVersion: admissionregistration.k8s.io/v1
kind: {kind}
metadata:
  name: {{{{ include "perennial.name" . }}}}-{name}
  labels:
    {{{{- include "perennial.labels" . | nindent 4 }}}}
spec:
{spec}"""
_BOUND: Final = """\
  policyName: {{{{ include "perennial.name" . }}}}-{name}
  {{{{- with .Values.watchNamespaces }}}}
  matchResources:
    namespaceSelector:
      matchExpressions:
        - key: kubernetes.io/metadata.name
          operator: In
          values:
            {{{{- toYaml . | nindent 12 }}}}
  {{{{- end }}}}
"""


class _Plain(yaml.SafeDumper):
    """YAML without anchors, lists indented below their key."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - yaml's own signature
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - yaml's own signature
        super().increase_indent(flow, indentless=False)


def _yaml(document: Schema | Sequence[Schema]) -> str:
    return yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100)


def crds() -> dict[Path, str]:
    """Return one file per kind, as kubectl applies it."""
    return {
        CRDS / f"{kind.plural}.yaml": f"# {HEADER}\n{_yaml(custom_resource_definition(kind))}"
        for kind in KINDS
    }


def crds_in_chart() -> dict[Path, str]:
    """Return the CRDs as templates of the chart, with values for installing and keeping them."""
    return {
        CHART / "crds" / f"{kind.plural}.yaml": _template(_yaml(custom_resource_definition(kind)))
        for kind in KINDS
    }


def _template(document: str) -> str:
    literal = document.replace("{{", '{{ "{{" }}')
    before, after = literal.split("\nmetadata:\n", maxsplit=1)
    return _IN_CHART.format(header=HEADER, before=before, after=after)


def reference() -> dict[Path, str]:
    """Return one page of documentation per kind."""
    return {
        REFERENCE / f"{kind.stem.replace('_', '-')}.md": reference_page(kind, HEADER)
        for kind in KINDS
    }


def roles_in_chart() -> dict[Path, str]:
    """Return the rules of the chart's roles, as partials that its templates include."""
    partials = {"perennial.rules": RULES, "perennial.leaderRules": LEADER_RULES}
    parts = [
        f'{{{{- define "{name}" -}}}}\n{_yaml([rule.manifest() for rule in rules])}{{{{- end }}}}\n'
        for name, rules in partials.items()
    ]
    return {CHART / "_rules.tpl": "".join([f"{{{{- /* {HEADER} */}}}}\n", *parts])}


def policies_in_chart() -> dict[Path, str]:
    """Return the admission policies of Decisions and their bindings, as one template."""
    parts = [text for policy in POLICIES for text in _policy(policy)]
    head = f"{{{{- /* {HEADER} */}}}}\n{{{{- if .Values.decisions.policies }}}}\n"
    return {CHART / "decision-policies.yaml": head + "".join(parts) + "{{- end }}\n"}


def _policy(policy: Policy) -> tuple[str, str]:
    kind = "ValidatingAdmissionPolicy"
    bound = _BOUND.format(name=policy.name) + _indented(policy.binding())
    return (
        _POLICY.format(kind=kind, name=policy.name, spec=_indented(policy.spec())),
        _POLICY.format(kind=f"{kind}Binding", name=policy.name, spec=bound),
    )


def _indented(spec: Schema) -> str:
    return textwrap.indent(_yaml(spec), "  ")


def values_of_chart() -> dict[Path, str]:
    """Return the chart's values, their schema, and its README with the table of them."""
    chart = chart_files.CHART
    return {
        chart / "values.yaml": chart_files.values_file(HEADER),
        chart / "values.schema.json": chart_files.schema_file(),
        chart / "README.md": chart_files.readme(_read(ROOT / chart / "README.md")),
    }


def health_and_actions() -> dict[Path, str]:
    """Return the scripts of Argo CD and the expressions of Flux."""
    return gitops(HEADER)


def plugin() -> dict[Path, str]:
    """Return the page of the kubectl plugin with the reference of its verbs."""
    return {PAGE: plugin_page(_read(ROOT / PAGE))}


def estimators() -> dict[Path, str]:
    """Return the table of scikit-learn's estimators and their parameters."""
    from perennial.generate.estimators import (  # noqa: PLC0415 - slow, and rarely needed
        estimator_table,
    )

    return {ESTIMATORS: json.dumps(estimator_table(), indent=1, sort_keys=True) + "\n"}


GENERATORS: Final[tuple[Callable[[], Mapping[Path, str]], ...]] = (
    crds,
    crds_in_chart,
    roles_in_chart,
    policies_in_chart,
    values_of_chart,
    reference,
    health_and_actions,
    plugin,
    estimators,
)


def generated() -> dict[Path, str]:
    """Return every generated file by its path below the root."""
    return {path: text for generator in GENERATORS for path, text in generator().items()}


def differences(root: Path, wanted: Mapping[Path, str]) -> str:
    """Return a unified diff from the files below the root to the generated ones."""
    return "".join(
        line
        for path, text in sorted(wanted.items())
        for line in difflib.unified_diff(
            _read(root / path).splitlines(keepends=True),
            text.splitlines(keepends=True),
            fromfile=f"{path} (as it is)",
            tofile=f"{path} (generated)",
        )
    )


def write(root: Path, wanted: Mapping[Path, str]) -> None:
    """Write the files that differ."""
    for path, text in wanted.items():
        if _read(root / path) != text:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write every generated file; with ``--check``, print a diff of outdated ones and fail."""
    parser = argparse.ArgumentParser(prog="python -m perennial.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    if not parser.parse_args(arguments).check:
        write(ROOT, generated())
        return 0
    difference = differences(ROOT, generated())
    sys.stdout.write(difference)
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main())

from pathlib import Path

import yaml

from perennial.generate import __main__ as generate

FILE = Path("crds/things.yaml")


def test_what_is_written_no_longer_differs(tmp_path):
    generate.write(tmp_path, {FILE: "a: 1\n"})
    assert generate.differences(tmp_path, {FILE: "a: 1\n"}) == ""


def test_a_difference_is_told_as_a_diff(tmp_path):
    generate.write(tmp_path, {FILE: "a: 1\n"})
    told = generate.differences(tmp_path, {FILE: "a: 2\n"}).splitlines()
    assert told[0] == "--- crds/things.yaml (as it is)"
    assert told[1] == "+++ crds/things.yaml (generated)"
    assert told[-2:] == ["-a: 1", "+a: 2"]


def test_a_file_that_is_missing_differs(tmp_path):
    assert "+a: 1" in generate.differences(tmp_path, {FILE: "a: 1\n"})


def test_a_file_that_does_not_differ_is_left_alone(tmp_path):
    generate.write(tmp_path, {FILE: "a: 1\n"})
    before = (tmp_path / FILE).stat().st_mtime_ns
    generate.write(tmp_path, {FILE: "a: 1\n"})
    assert (tmp_path / FILE).stat().st_mtime_ns == before


def test_crds_say_that_they_are_generated_and_share_no_anchors():
    for text in generate.crds().values():
        assert text.startswith("# Generated")
        assert "&id" not in text
        assert yaml.safe_load(text)["kind"] == "CustomResourceDefinition"


def test_the_same_models_give_the_same_text():
    assert generate.crds() == generate.crds()
    assert generate.reference() == generate.reference()


def test_the_charts_crds_can_be_left_out_and_kept():
    for text in generate.crds_in_chart().values():
        assert text.count("{{- if ") == text.count("{{- end }}") == 2
        assert "{{- if .Values.crds.install }}\napiVersion" in text
        assert "  {{- if .Values.crds.keep }}\n  annotations:\n    helm.sh/resource-policy" in text


def test_the_roles_of_the_chart_are_the_operators_verbs():
    (text,) = generate.roles_in_chart().values()
    assert '{{- define "perennial.rules" -}}' in text
    assert '{{- define "perennial.leaderRules" -}}' in text
    assert "'*'" not in text
    assert "    - secrets\n  verbs:\n    - create\n-" in text

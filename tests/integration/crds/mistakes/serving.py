"""Mistakes in a ModelDeployment, and in the ModelVersions that nobody should write."""

from builders.examples import ABSENT
from integration.crds.mistakes import Mistake
from integration.crds.mistakes.dataset import DURATION, NOT_A_STRING

SMALL, FULL = "model-deployment-minimal.yaml", "model-deployment-full.yaml"
VERSION = "model-version-full.yaml"
DIGEST = "^sha256:[0-9a-f]{64}$"

MISTAKES = (
    Mistake("no model", SMALL, {"spec.model": ABSENT}, ("spec.model", "Required value")),
    Mistake(
        "a model by its bare name",
        SMALL,
        {"spec.model": "house-price"},
        ("spec.model", "must be of type object"),
    ),
    Mistake(
        "a model without a name",
        SMALL,
        {"spec.model": {"version": "Latest"}},
        ("spec.model.name", "Required value"),
    ),
    Mistake(
        "the latest version in small letters",
        SMALL,
        {"spec.model.version": "latest"},
        ("spec.model.version", "write Latest with a capital letter"),
    ),
    Mistake(
        "a version by its number",
        SMALL,
        {"spec.model.version": 7},
        ("spec.model.version", NOT_A_STRING),
    ),
    Mistake(
        "a version by something else",
        SMALL,
        {"spec.model.version": "v7 (stable)"},
        ("spec.model.version", "write Latest, or the name of a ModelVersion"),
    ),
    Mistake(
        "fewer than no pods",
        SMALL,
        {"spec.replicas": -1},
        ("spec.replicas", "should be greater than or equal to 0"),
    ),
    Mistake(
        "more pods than a Service should have",
        SMALL,
        {"spec.replicas": 5000},
        ("spec.replicas", "should be less than or equal to 1000"),
    ),
    Mistake(
        "pods in words",
        SMALL,
        {"spec.replicas": "two"},
        ("spec.replicas", "must be of type integer"),
    ),
    Mistake(
        "a server without a process",
        FULL,
        {"spec.server.workers": 0},
        ("spec.server.workers", "should be greater than or equal to 1"),
    ),
    Mistake(
        "rows beyond the contract that vanish",
        FULL,
        {"spec.server.outOfContract": "Drop"},
        ("spec.server.outOfContract", 'supported values: "Answer", "Refuse"'),
    ),
    Mistake(
        "a strategy that nothing implements",
        FULL,
        {"spec.rollout.strategy": "Rolling"},
        ("spec.rollout.strategy", 'supported values: "Canary", "BlueGreen", "Immediate"'),
    ),
    Mistake(
        "steps of a strategy that has none",
        FULL,
        {"spec.rollout": {"strategy": "BlueGreen", "steps": [{"weight": 5}]}},
        ("spec.rollout", "steps belong to the strategy Canary: set strategy to Canary"),
    ),
    Mistake(
        "a step back",
        FULL,
        {"spec.rollout": {"strategy": "Canary", "steps": [{"weight": 50}, {"weight": 5}]}},
        ("spec.rollout.steps", "each step needs a higher weight than the step before it"),
    ),
    Mistake(
        "the same step twice",
        FULL,
        {"spec.rollout": {"strategy": "Canary", "steps": [{"weight": 5}, {"weight": 5}]}},
        ("spec.rollout.steps", "each step needs a higher weight than the step before it"),
    ),
    Mistake(
        "a step with all the traffic",
        FULL,
        {"spec.rollout": {"strategy": "Canary", "steps": [{"weight": 100}]}},
        ("spec.rollout.steps[0].weight", "should be less than or equal to 99"),
    ),
    Mistake(
        "a pause without an end",
        FULL,
        {"spec.rollout": {"strategy": "Canary", "steps": [{"weight": 5, "pause": {}}]}},
        ("spec.rollout.steps[0].pause", "state one of: for (a duration), until (Decision)"),
    ),
    Mistake(
        "gates of a strategy that has none",
        FULL,
        {"spec.rollout": {"strategy": "BlueGreen", "analysis": {}}},
        ("spec.rollout", "analysis belongs to the strategy Canary: set strategy to Canary"),
    ),
    Mistake(
        "a watch of a strategy that keeps nothing",
        FULL,
        {"spec.rollout": {"strategy": "Immediate", "watch": {"duration": "1h"}}},
        ("spec.rollout", "watch belongs to Canary and BlueGreen: change strategy"),
    ),
    Mistake(
        "evidence every second",
        FULL,
        {"spec.rollout": {"strategy": "Canary", "analysis": {"interval": "1s"}}},
        ("spec.rollout.analysis.interval", "write a duration from 5s to 10m"),
    ),
    Mistake(
        "a ratio that tolerates nothing",
        FULL,
        {"spec.rollout": {"strategy": "Canary", "analysis": {"errors": {"maxRatio": "1.0"}}}},
        ("spec.rollout.analysis.errors.maxRatio", "write a number above 1 and below 100 in quotes"),
    ),
    Mistake(
        "a gate with the name of another",
        FULL,
        {
            "spec.rollout": {
                "strategy": "Canary",
                "analysis": {"custom": [{"name": "errors", "numerator": "a", "denominator": "b"}]},
            }
        },
        ("spec.rollout.analysis", "a custom gate needs another name than errors"),
    ),
    Mistake(
        "an autoscaler that is upside down",
        FULL,
        {"spec.autoscaling": {"min": 5, "max": 2}},
        ("spec.autoscaling", "max must not be below min"),
    ),
    Mistake(
        "a route to no Gateway",
        FULL,
        {"spec.route": {"hostnames": ["flights.example.com"]}},
        ("spec.route.parentRef", "Required value"),
    ),
    Mistake(
        "a host name with a port",
        FULL,
        {"spec.route": {"parentRef": {"name": "public"}, "hostnames": ["example.com:80"]}},
        ("spec.route.hostnames[0]", "write a DNS name in lower case"),
    ),
    Mistake(
        "a path prefix that leads upwards",
        FULL,
        {"spec.route": {"parentRef": {"name": "public"}, "pathPrefix": "/delay/../other"}},
        ("spec.route.pathPrefix", "a path must not contain '..'"),
    ),
    Mistake(
        "a deadline in minutes",
        FULL,
        {"spec.rollout.progressDeadline": "15 min"},
        ("spec.rollout.progressDeadline", DURATION),
    ),
    Mistake(
        "paused in words",
        FULL,
        {"spec.paused": "yes"},
        ("spec.paused", "must be of type boolean"),
    ),
    Mistake(
        "an image of one's own",
        FULL,
        {"spec.server.image": "registry.example/server"},
        ('unknown field "spec.server.image"',),
    ),
    Mistake(
        "a version without an artifact",
        VERSION,
        {"spec.artifact": ABSENT},
        ("spec.artifact", "Required value"),
    ),
    Mistake(
        "a digest that is none",
        VERSION,
        {"spec.artifact.digest": "latest"},
        ("spec.artifact.digest", DIGEST),
    ),
    Mistake(
        "a model as a pickle",
        VERSION,
        {"spec.artifact.format": "Pickle"},
        ("spec.artifact.format", 'supported values: "Compiled", "Skops"'),
    ),
    Mistake(
        "a tier that there is not",
        VERSION,
        {"spec.artifact.tier": "Fast"},
        ("spec.artifact.tier", 'supported values: "Compiled", "Encoded", "Pipeline"'),
    ),
    Mistake(
        "the version before the first",
        VERSION,
        {"spec.number": 0},
        ("spec.number", "should be greater than or equal to 1"),
    ),
    Mistake(
        "a measurement that is no number",
        VERSION,
        {"spec.evaluation.metrics.log_loss.value": "NaN"},
        ("spec.evaluation.metrics.log_loss.value", "write a decimal number in quotes"),
    ),
    Mistake(
        "a measurement of an unknown measure",
        VERSION,
        {"spec.evaluation.metrics.gini": {"value": "1", "low": "1", "high": "1"}},
        ("spec.evaluation.metrics", "a key must be one of roc_auc"),
    ),
)

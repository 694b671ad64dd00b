"""What the plan of a ModelDeployment comes to, in short."""

from builders.model_deployment import acted
from perennial.planning.model_deployment.plan import plan
from perennial.planning.plan import Apply, Create, Delete, PostEvent

SERVES = {"Ready": ("True", "Serving"), "Available": ("True", "Serving")}


def says(observed):
    return {
        condition.type: (condition.status, condition.reason)
        for condition in plan(observed).status.conditions
    }


def message(observed, kind):
    stated = plan(observed).status.conditions
    return next(condition.message for condition in stated if condition.type == kind)


def made(observed):
    return [
        (action.manifest["kind"], action.manifest["metadata"]["name"])
        for action in plan(observed).actions
        if isinstance(action, Create | Apply)
    ]


def created(observed):
    actions = plan(observed).actions
    return [action.manifest["metadata"]["name"] for action in actions if isinstance(action, Create)]


def deleted(observed):
    return [
        (action.kind, action.name)
        for action in plan(observed).actions
        if isinstance(action, Delete)
    ]


def events(observed):
    return [
        (action.type, action.reason)
        for action in plan(observed).actions
        if isinstance(action, PostEvent)
    ]


def replicas(observed):
    return {of: running.wanted for of, running in acted(observed).running.items()}

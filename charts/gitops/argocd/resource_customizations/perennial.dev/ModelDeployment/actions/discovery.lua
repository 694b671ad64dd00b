-- Generated from operator/perennial by `make generate`; do not edit.
-- Actions on the rollout of a ModelDeployment, each of which creates a Decision.

local status = obj.status or {}
local without_candidate = status.candidate == nil
local without_rejection = status.rejected == nil or status.rejected[1] == nil

return {
  promote = { disabled = without_candidate, iconClass = "fa fa-fw fa-forward" },
  abort = { disabled = without_candidate, iconClass = "fa fa-fw fa-backward" },
  pause = { disabled = without_candidate, iconClass = "fa fa-fw fa-pause" },
  resume = { disabled = without_candidate, iconClass = "fa fa-fw fa-play" },
  retry = { disabled = without_rejection, iconClass = "fa fa-fw fa-redo" },
}

-- $header
-- Actions on the rollout of a ModelDeployment, each of which creates a Decision.

local status = obj.status or {}
local without_candidate = status.candidate == nil
local without_rejection = status.rejected == nil or status.rejected[1] == nil

return {
$actions}

-- Generated from operator/perennial by `make generate`; do not edit.
-- Health of a Decision by the rules of kstatus: Stalled and Reconciling first, then Ready.

local waits = {}

local function health(status, condition)
  local text = condition and condition.reason .. ": " .. condition.message
  return { status = status, message = text or "waiting for the operator to read the new spec" }
end

local status = obj.status or {}
if status.observedGeneration ~= obj.metadata.generation then
  return health("Progressing")
end

local ready = nil
local holds = {}
for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Ready" then
    ready = condition
  end
  if condition.status == "True" then
    holds[condition.type] = condition
  end
end

if holds.Stalled then
  return health("Degraded", holds.Stalled)
end
if holds.Reconciling and waits[holds.Reconciling.reason] then
  return health("Suspended", holds.Reconciling)
end
if holds.Reconciling or not holds.Ready then
  return health("Progressing", holds.Reconciling or ready)
end
-- What the operator started by itself never makes an application Degraded: the message states it.
return health("Healthy", holds.Degraded or ready)

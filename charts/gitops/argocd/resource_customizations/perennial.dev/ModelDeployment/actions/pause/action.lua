-- Generated from operator/perennial by `make generate`; do not edit.
-- Creates a Decision: Pause. Its author is the user with which Argo CD connects to the cluster.

local by = "argocd@example.com"
local os = require("os")
local subject = (obj.status or {}).candidate
if subject == nil then
  error("there is no candidate")
end

local name = obj.metadata.name .. "-pause-" .. os.date("!%Y%m%d%H%M%S")
local decision = {
  apiVersion = "perennial.dev/v1alpha1",
  kind = "Decision",
  metadata = { name = name, namespace = obj.metadata.namespace },
  spec = {
    subject = { kind = obj.kind, name = obj.metadata.name, revision = subject.revision },
    verdict = "Pause",
    by = by,
    reason = "action of Argo CD",
  },
}
return { { operation = "create", resource = decision } }

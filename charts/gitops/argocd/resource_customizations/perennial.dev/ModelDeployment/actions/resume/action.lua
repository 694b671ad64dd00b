-- Generated from operator/perennial by `make generate`; do not edit.
-- Creates a Decision: Resume. Its author is the user with which Argo CD connects to the cluster.

local by = "argocd@example.com"
local os = require("os")
local subject = (obj.status or {}).candidate
if subject == nil then
  error("there is no candidate")
end

local name = obj.metadata.name .. "-resume-" .. os.date("!%Y%m%d%H%M%S")
local decision = {
  apiVersion = "perennial.dev/v1alpha1",
  kind = "Decision",
  metadata = { name = name, namespace = obj.metadata.namespace },
  spec = {
    subject = { kind = obj.kind, name = obj.metadata.name, revision = subject.revision },
    verdict = "Resume",
    by = by,
    reason = "action of Argo CD",
  },
}
return { { operation = "create", resource = decision } }

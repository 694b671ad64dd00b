-- Generated from operator/perennial by `make generate`; do not edit.
-- Creates a Decision: Retry. Its author is the user with which Argo CD connects to the cluster.

local by = "argocd@example.com"
local os = require("os")
local subject = ((obj.status or {}).rejected or {})[1]
if subject == nil then
  error("no revision was rejected")
end

local name = obj.metadata.name .. "-retry-" .. os.date("!%Y%m%d%H%M%S")
local decision = {
  apiVersion = "perennial.dev/v1alpha1",
  kind = "Decision",
  metadata = { name = name, namespace = obj.metadata.namespace },
  spec = {
    subject = { kind = obj.kind, name = obj.metadata.name, revision = subject.revision },
    verdict = "Retry",
    by = by,
    reason = "action of Argo CD",
  },
}
return { { operation = "create", resource = decision } }

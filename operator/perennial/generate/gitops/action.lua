-- $header
-- Creates a Decision: $verdict. Its author is the user with which Argo CD connects to the cluster.

local by = "$by"
local os = require("os")
local subject = $subject
if subject == nil then
  error("$missing")
end

local name = obj.metadata.name .. "-$action-" .. os.date("!%Y%m%d%H%M%S")
local decision = {
  apiVersion = "$api_version",
  kind = "Decision",
  metadata = { name = name, namespace = obj.metadata.namespace },
  spec = {
    subject = { kind = obj.kind, name = obj.metadata.name, revision = subject.revision },
    verdict = "$verdict",
    by = by,
    reason = "action of Argo CD",
  },
}
return { { operation = "create", resource = decision } }

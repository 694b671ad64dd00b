-- Posts the lines of a file in turn, with the headers that a mesh leaves on a request.
-- Request id and trace are new each time, as they are in life: no two heads are alike.
local NUMBER = "############"
local headers = {
  ["Content-Type"] = "application/json",
  ["Accept"] = "application/json",
  ["User-Agent"] = "python-httpx/0.28.1",
  ["X-Forwarded-For"] = "10.42.3.17",
  ["X-Forwarded-Proto"] = "https",
  ["X-Envoy-Expected-Rq-Timeout-Ms"] = "15000",
  ["X-Request-Id"] = "6f1c1d0e-8f0b-4a56-9d43-" .. NUMBER,
  ["Traceparent"] = "00-4bf92f3577b34da6a3ce" .. NUMBER .. "-00f067aa0ba902b7-01",
}
local requests, turn = {}, 0

local function parts(text)
  local found, from = {}, 1
  while true do
    local first, last = text:find(NUMBER, from, true)
    if not first then break end
    found[#found + 1] = text:sub(from, first - 1)
    from = last + 1
  end
  found[#found + 1] = text:sub(from)
  return found
end

function init()
  for body in io.lines(os.getenv("BODIES")) do
    requests[#requests + 1] = parts(wrk.format("POST", nil, headers, body))
  end
end

function request()
  turn = turn + 1
  return table.concat(requests[turn % #requests + 1], string.format("%012x", turn))
end

function done(summary, latency)
  local errors = summary.errors
  local wrong = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  print(string.format(
    '{"requests": %d, "microseconds": %d, "wrong": %d, "p50": %d, "p99": %d}',
    summary.requests, summary.duration, wrong, latency:percentile(50), latency:percentile(99)))
end

-- What wrk asks the program for, as scenarios.ts says it for the Node client.
-- wrk -s requests.lua URL -- SCENARIO KEY WALLETS RUN

local IN_ONE_REQUEST = 100
local REPEATED = 0.1

local scenario, wallets, run
local count = 0
local held = {}
local answered = {}

function init(args)
  scenario = args[1]
  wallets = tonumber(args[3])
  run = args[4]
  wrk.method = "POST"
  wrk.headers["Authorization"] = "Bearer " .. args[2]
  wrk.headers["Content-Type"] = "application/json"
  math.randomseed(os.time())
  -- Only the capture of a hold needs to know what was answered.
  if scenario ~= "hold" then response = nil end
end

local function new_key()
  count = count + 1
  return run .. "-" .. count
end

local function usage(customer)
  return '"customer":"customer-' .. customer .. '","operation":"message.send","quantity":"1"'
end

local function ask(path, key, body)
  return wrk.format("POST", path, { ["Authorization"] = wrk.headers["Authorization"],
    ["Content-Type"] = "application/json", ["Idempotency-Key"] = key }, body)
end

local function debit(customer)
  return ask("/api/v1/debits", new_key(), "{" .. usage(customer) .. "}")
end

local function hundred()
  local debits = {}
  for number = 1, IN_ONE_REQUEST do
    debits[number] = "{" .. usage(math.random(wallets)) .. ',"idempotency_key":"' .. new_key() .. '"}'
  end
  return ask("/api/v1/debits", nil, '{"debits":[' .. table.concat(debits, ",") .. "]}")
end

local function hold_or_capture()
  local hold = table.remove(held)
  if hold == nil then
    return ask("/api/v1/holds", new_key(), "{" .. usage(math.random(wallets)) .. ',"ttl_seconds":600}')
  end
  return ask("/api/v1/holds/" .. hold.id .. "/capture", new_key(),
    '{"customer":"' .. hold.customer .. '","quantity":"1"}')
end

local function repeat_or_debit()
  if #answered > 0 and math.random() < REPEATED then
    return answered[math.random(#answered)]
  end
  local made = debit(math.random(wallets))
  answered[count % 1000 + 1] = made
  return made
end

function request()
  if scenario == "spread" then return debit(math.random(wallets)) end
  if scenario == "hot" then return debit(1) end
  if scenario == "hundred" then return hundred() end
  if scenario == "hold" then return hold_or_capture() end
  return repeat_or_debit()
end

function response(status, headers, body)
  local id = string.match(body, '"hold_id":"([^"]+)","open":true')
  if id == nil then return end
  table.insert(held, { id = id, customer = string.match(body, '"customer":"([^"]+)"') })
end

function done(summary, latency, requests)
  local errors = summary.errors
  local refused = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '\n{"per_second":%.1f,"total":%d,"refused":%d,"p50_ms":%.3f,"p99_ms":%.3f}\n',
    summary.requests / (summary.duration / 1e6), summary.requests, refused,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end

-- Load /get/ with many live sessions and check every answer.
--
--   go run ./bench seed -n 1000 -url http://127.0.0.1:8000 -o ids.txt
--   PAGESESSION_IDS=ids.txt wrk -t1 -c64 -d10s -s bench/wrk/refresh.lua http://127.0.0.1:8000
--
-- Start within seconds of seeding: a session lives for 20 s after its last
-- request. Each thread sends the ids in order, from a place of its own, so
-- every id is requested at least once in (ids / requests per second of one
-- thread) seconds; keep that below 10.
--
-- wrk ignores Set-Cookie, and the answer to a lost session has status 200. So
-- this script checks: good = 200, the marker and the cookie; expired = 200 and
-- the page says there is no session; wrong = any other answer. wrk counts
-- failures into its latencies, so percentiles mean something only while
-- expired and wrong are 0.
--
-- Environment (ids are in a file, because every user can read arguments):
--   PAGESESSION_IDS     file with one session id a line, or "none"
--   PAGESESSION_MARKER  what a good body contains ("Your name from the session")
--   PAGESESSION_COOKIE  1, or 0 when a good answer sets no cookie (1)

local function env(name, default)
  local value = os.getenv(name)
  if value == nil or value == "" then return default end
  return value
end

local marker = env("PAGESESSION_MARKER", "Your name from the session")
local cookie_due = env("PAGESESSION_COOKIE", "1") ~= "0"
local expired_markers = { "session has expired", "session has ended", "session ended", "no session" }

-- The main state numbers the threads and keeps them for done(). A thread runs
-- before the next one is set up, so their total is unknown to it.
local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

-- Each thread: the ids, and the request text around them.
local ids, at, head, tail = {}, 0, "", ""

local function read_ids(file)
  for id in io.lines(file) do ids[#ids + 1] = id end
  if #ids == 0 then error("no ids in " .. file) end
  -- Multiples of the golden ratio: far apart for any number of threads.
  at = math.floor(number * 0.618034 * #ids) % #ids
end

function init(args)
  good, expired, wrong = 0, 0, 0
  local path = wrk.path
  if path == "/" then path = "/get/" end
  head = "GET " .. path .. " HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. "\r\n"
  tail = "\r\n"
  local file = env("PAGESESSION_IDS", nil)
  if file == nil then error("set PAGESESSION_IDS to a file of session ids, or to none") end
  if file == "none" then return end
  read_ids(file)
  head = head .. "Cookie: sessionid="
  tail = "\r\n\r\n"
end

function request()
  if #ids == 0 then return head .. tail end
  at = at % #ids + 1
  return head .. ids[at] .. tail
end

local function says_expired(body)
  body = body:lower()
  for _, text in ipairs(expired_markers) do
    if body:find(text, 1, true) then return true end
  end
  return false
end

local function has_cookie(headers)
  local value = headers["Set-Cookie"] or headers["set-cookie"]
  return value ~= nil and value:find("sessionid=", 1, true) == 1
end

function response(status, headers, body)
  if status ~= 200 then
    wrong = wrong + 1
  elseif body:find(marker, 1, true) then
    local cookie = has_cookie(headers) -- read in any case, so that each server costs the same
    if cookie_due and not cookie then wrong = wrong + 1 else good = good + 1 end
  elseif says_expired(body) then
    expired = expired + 1
  else
    wrong = wrong + 1
  end
end

-- One line, which go run ./bench reads, with times in microseconds.
function done(summary, latency, requests)
  local sum = { good = 0, expired = 0, wrong = 0 }
  for _, t in ipairs(threads) do
    for name in pairs(sum) do sum[name] = sum[name] + (t:get(name) or 0) end
  end
  local e = summary.errors
  io.write(string.format(
    "pagesession good=%d expired=%d wrong=%d connect=%d read=%d write=%d timeout=%d"
      .. " duration_us=%d p50_us=%d p90_us=%d p99_us=%d p999_us=%d max_us=%d\n",
    sum.good, sum.expired, sum.wrong, e.connect, e.read, e.write, e.timeout,
    summary.duration, latency:percentile(50), latency:percentile(90),
    latency:percentile(99), latency:percentile(99.9), latency.max))
end

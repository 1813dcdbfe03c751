-- Ends sessions of one tag. KEYS: the index, and for each session its live key and its
-- tombstone. ARGV: the last creation that a session may have, not after, tombstone, how long
-- it stays, and the handle of each session. For each session the answer has an outcome, as
-- that of the script that ends one, and the live value or the tombstone. Pending sessions are
-- left to that script. A value that is damaged ends.
if now >= tonumber(ARGV[2]) then return {4, now} end
local last, stone = tonumber(ARGV[1]), ARGV[3]
local function read(v) return form(v), struct.unpack('>I5', v, 22), idled(v) end
local list = {}
for i = 1, #ARGV - 4 do
  local live, tomb, outcome = KEYS[2 * i], KEYS[2 * i + 1], 0
  local v = redis.call('GET', live)
  if not v then
    v = redis.call('GET', tomb) or ''
    if v == stone then outcome, v = 1, '' end
  else
    local whole, kind, created, idle = pcall(read, v)
    whole = whole and kind >= 1 and kind <= 3
    if whole and kind == 3 then
      outcome = 3
    elseif whole and created > last then
      v = ''
    else
      redis.call('SET', tomb, whole and idle and string.char(1) or stone, 'PX', ARGV[4])
      redis.call('DEL', live)
      redis.call('ZREM', KEYS[1], ARGV[4 + i])
      if whole and idle then v = '' else outcome = 1 end
    end
  end
  list[2 * i - 1], list[2 * i] = outcome, v
end
return {1, now, list}

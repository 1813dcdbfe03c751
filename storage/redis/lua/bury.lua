-- Turns an index entry whose session timed out into a tombstone. ARGV: handle, how long it
-- stays.
if redis.call('EXISTS', KEYS[1]) == 1 then return {0, now} end
if redis.call('ZREM', KEYS[3], ARGV[1]) == 0 then return {0, now} end
if redis.call('EXISTS', KEYS[2]) == 0 then redis.call('SET', KEYS[2], string.char(0), 'PX', ARGV[2]) end
return {1, now}

-- Removes a session from its subject's, unless it was added again. KEYS: the set. ARGV: the
-- session's key, when it was added.
if redis.call('ZSCORE', KEYS[1], ARGV[1]) == ARGV[2] then redis.call('ZREM', KEYS[1], ARGV[1]) end
return {1, now}

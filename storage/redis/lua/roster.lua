-- Lists the servers that were announced. KEYS: the roster.
return {1, now, redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')}

"""What runs inside Redis, in Lua: each script is one step that nobody comes between.

All of them begin with LIFE, which decides whether the log is still the one that its readers know. A hash has the log's
`epoch`, the `run` of Redis that it was last used in, how many messages were `taken` so far and when this run
`adopted` it, and the run `before`. Keys: the hash. Arguments: a new epoch, should it be needed; 1 if Redis writes each
message to its disk before it answers; what the caller remembers: epoch, run, taken (`servers.stores.lives`); and 1 if
it has heard of every message since it came.
"""

LIFE = """
local epoch, run, taken, adopted, before =
  unpack(redis.call('HMGET', KEYS[1], 'epoch', 'run', 'taken', 'adopted', 'before'))
taken, adopted = tonumber(taken or 0), tonumber(adopted or 0)
local now = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local knows, seen_in, seen = epoch and ARGV[3] == epoch, ARGV[4], tonumber(ARGV[5])
local restarted = run ~= now
local function lasting()                 -- what was a replica may lack what its primary acknowledged
  return ARGV[2] == '1' and string.find(redis.call('INFO', 'replication'), 'second_repl_offset:-1', 1, true)
end
local lost
if not epoch then                        -- nothing was kept, or nothing was ever here
  lost = true
elseif restarted and knows and seen_in == run then
  lost = taken < seen                    -- fewer than the caller was told
    or (ARGV[6] ~= '1' and not lasting())
elseif restarted then
  lost = not lasting()                   -- the caller cannot know
elseif knows and seen_in ~= run then     -- others noticed the restart before the caller did
  lost = adopted < seen or (seen_in ~= before and not lasting())
else
  lost = knows and taken < seen
end
if restarted then
  before, run, adopted = run or '', now, taken
end
if lost then
  epoch, adopted = ARGV[1], taken
end
if restarted or lost then
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'run', run, 'taken', taken, 'adopted', adopted, 'before', before or '')
end
local function seq_of(entry)
  return entry and tonumber(string.match(entry[1], '^%d+'))
end
"""

LOOK = LIFE + "return {epoch, run, taken, adopted}"

# Keys: the hash, the room's stream, the message's id. Further arguments: the draft's digest; id, sender, text and time;
# how many messages are kept; seconds that the id is; the channel for the news, who sends, and the room.
APPEND = (
    LIFE
    + """
local known = redis.call('GET', KEYS[3])
if known then
  local seq, digest = string.match(known, '^(%d+) (%x+)$')
  return {epoch, run, taken, adopted, digest == ARGV[7] and tonumber(seq) or 0, 0}
end
local seq = (seq_of(redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]) or 0) + 1
local name = string.format('%.0f', seq)
redis.call('XADD', KEYS[2], 'MAXLEN', '=', ARGV[12], name .. '-0',
  'id', ARGV[8], 'sender', ARGV[9], 'text', ARGV[10], 'at', ARGV[11])
redis.call('SET', KEYS[3], name .. ' ' .. ARGV[7], 'EX', ARGV[13])
taken = redis.call('HINCRBY', KEYS[1], 'taken', 1)
redis.call('PUBLISH', ARGV[14], table.concat({ARGV[15], epoch, run, string.format('%.0f', taken), ARGV[16]}, ' '))
return {epoch, run, taken, adopted, seq, 1}
"""
)

# Keys: the hash, the room's stream. Further arguments: the cursor, and how many messages are wanted at most.
SINCE = (
    LIFE
    + """
local after = tonumber(ARGV[7])
local first = seq_of(redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]) or 1
local last = seq_of(redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]) or 0
local entries = {}
if after >= first - 1 and after < last then
  entries = redis.call('XRANGE', KEYS[2], string.format('%.0f-0', after + 1), '+', 'COUNT', ARGV[8])
end
return {epoch, run, taken, adopted, first - 1, last, entries}
"""
)

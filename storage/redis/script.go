package redis

import (
	_ "embed"

	"github.com/redis/rueidis"
)

//go:embed lua/begin.lua
var begin string

// The scripts. Each says in its first lines what it does. The answer is a list: an outcome,
// the instant, and what the outcome comes with.
var (
	//go:embed lua/create.lua
	createText string
	//go:embed lua/lookup.lua
	lookupText string
	//go:embed lua/touch.lua
	touchText string
	//go:embed lua/replace.lua
	replaceText string
	//go:embed lua/end.lua
	endText string
	//go:embed lua/end_many.lua
	endManyText string
	//go:embed lua/prepare.lua
	prepareText string
	//go:embed lua/commit.lua
	commitText string
	//go:embed lua/activate.lua
	activateText string
	//go:embed lua/bury.lua
	buryText string
	//go:embed lua/join.lua
	joinText string
	//go:embed lua/leave.lua
	leaveText string
	//go:embed lua/announce.lua
	announceText string
	//go:embed lua/roster.lua
	rosterText string
	//go:embed lua/keep.lua
	keepText string
	//go:embed lua/drop.lua
	dropText string
	//go:embed lua/adopt.lua
	adoptText string
	//go:embed lua/disown.lua
	disownText string
	//go:embed lua/table_read.lua
	tableReadText string
	//go:embed lua/table_swap.lua
	tableSwapText string
)

// The outcomes of scripts.
const (
	outcomeNone     = iota // no such live session; with the tombstone, if the script looks
	outcomeDone            // done, now or by the same call before; with the live value
	outcomeConflict        // the session has another version; with the live value
	outcomePending         // the key is that of a rotation under way; with the pending value
	outcomeLate            // too late: the caller has given up
)

// How scripts behave at maxmemory.
const (
	refused = "#!lua\n"                 // Redis refuses the script, which is ErrFull
	allowed = "#!lua flags=allow-oom\n" // it runs
	reading = "#!lua flags=no-writes\n" // it runs, and writes nothing
)

// scripts are the scripts of a Store.
type scripts struct {
	create, lookup, touch, replace, end, endMany, prepare, commit, activate, bury, join, leave *rueidis.Lua
	announce, roster, keep, drop, adopt, disown                                                *rueidis.Lua
	tableRead, tableSwap                                                                       *rueidis.Lua
}

func newScripts() scripts {
	script := func(flags, text string) *rueidis.Lua { return rueidis.NewLuaScript(flags + begin + text) }
	return scripts{
		create:   script(refused, createText),
		lookup:   script(reading, lookupText),
		touch:    script(allowed, touchText),
		replace:  script(refused, replaceText),
		end:      script(allowed, endText),
		endMany:  script(allowed, endManyText),
		prepare:  script(refused, prepareText),
		commit:   script(allowed, commitText),
		activate: script(allowed, activateText),
		bury:     script(allowed, buryText),
		join:     script(refused, joinText),
		leave:    script(allowed, leaveText),
		announce: script(allowed, announceText),
		roster:   script(reading, rosterText),
		keep:     script(allowed, keepText),
		drop:     script(allowed, dropText),
		adopt:    script(refused, adoptText),
		disown:   script(allowed, disownText),

		tableRead: script(reading, tableReadText),
		tableSwap: script(refused, tableSwapText),
	}
}

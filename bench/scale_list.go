package main

import (
	"fmt"
	"strings"
)

// Why the client walks a list that is as long for every size.
//
// The question is what a million sessions cost the server. A client that
// picks from a million ids misses its own caches, on the same cores, where
// one that picks from a thousand does not; Lua, which wrk runs, even keeps
// equal texts once only and looks each new request text up in a table of all
// of them. That would be measured as the server's slowness. So for every size
// the client walks a list of as many entries as the largest size has, and no
// two entries are the same text in memory: a thousand ids stand in it a
// thousand times over, for wrk each time with another number behind (a second
// cookie, which the server reads and ignores, at every size alike), for the
// own client as a copy of its own.
//
// The smallest size is loaded with its plain list as well, which shows what
// the difference comes to.

// equalList returns entries texts that visit the ids in order, round and
// round.
func equalList(client string, ids []string, entries int) []string {
	list := make([]string, entries)
	for i := range list {
		id := ids[i%len(ids)]
		if client == "wrk" {
			list[i] = fmt.Sprintf("%s; n=%08d", id, i)
		} else {
			list[i] = strings.Clone(id)
		}
	}
	return list
}

// Package wrk holds the script that makes wrk send the ids of live sessions and
// check the answers. It is the same file that is used by hand.
package wrk

import _ "embed"

// Script is refresh.lua.
//
//go:embed refresh.lua
var Script string

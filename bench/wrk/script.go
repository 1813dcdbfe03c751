// Package wrk has the script with which wrk sends the ids of live sessions and
// checks the answers. You can use the same file by hand.
package wrk

import _ "embed"

// Script is refresh.lua.
//
//go:embed refresh.lua
var Script string

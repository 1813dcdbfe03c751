//go:build !linux

package load

import "context"

// Open puts an open loop on a server, at the load's rate; see Paced. The loop
// for Linux is more exact.
func Open(ctx context.Context, l Load) (Result, error) { return Paced(ctx, l) }

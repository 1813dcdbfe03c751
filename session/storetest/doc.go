// Package storetest checks that a session.Store keeps its promises. Call [Run] from
// a test of your store:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) storetest.Harness {
//			return storetest.Harness{Store: open(t), Advance: time.Sleep, Slack: 100 * time.Millisecond}
//		})
//	}
//
// For tests of code that uses sessions, [Memory] is a store in memory, which can be
// slow and fail like a network.
package storetest

// Package storetest checks that a session.Store keeps what its methods
// promise. Call [Run] from a test of your store:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) storetest.Harness {
//			return storetest.Harness{Store: open(t), Advance: time.Sleep, Slack: 100 * time.Millisecond}
//		})
//	}
//
// [Memory] is a store in memory that can be slow and fail like a network, for
// tests of code that uses sessions.
package storetest

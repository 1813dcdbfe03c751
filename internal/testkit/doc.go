// Package testkit holds what the tests of several packages share: one HTTP
// client and one fake clock. Only tests may import it; TestImports holds that.
//
// A [Client] sends requests over the network ([Over]) or straight to a handler
// without a socket ([To]). It follows no redirect, asks for no compression and
// keeps cookies only when it has a jar: a test sees what was sent. A [Conn] is
// a connection for bytes that no client would send. A [Clock] stands still
// until a test moves it. A [Log] may be read while it is written.
package testkit

// Package testkit has tools that the tests of several packages share. Only tests may
// import it; TestImports checks this.
//
// A [Client] sends requests over the network ([At]) or to a handler without a socket
// ([To]). It follows no redirects, asks for no compression, and keeps cookies only in a
// jar, so a test sees what the server sent. A [Conn] sends bytes that no client would
// send. A [Clock] stands still until a test moves it. A [Log] can be read while it is
// written.
package testkit

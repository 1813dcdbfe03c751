// Package servers keeps track of the servers that share their sessions in one Redis. Each one
// announces itself once a second: its name, its version, what has to be the same on all of them,
// and its rates. A server that does not match the running ones is refused at its start, with what
// to do; a difference that comes later is a notice. Work for one server alone is given to an
// elected one.
//
// While Redis is away the announcements expire; they come back by themselves.
package servers

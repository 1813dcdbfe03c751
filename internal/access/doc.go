// Package access writes the access log: a line for each answer, or for some of them. A request
// leaves a few words in a queue and goes on; one goroutine makes lines of them. When the
// queue is full, answers are left out and counted.
//
// A line names the route of the table and never the address that was asked for, which may have
// a handle or a query.
package access

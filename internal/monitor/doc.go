// Package monitor keeps the last quarter of an hour of what the server does, one
// sample a second, for the operators' console. It knows nothing of sessions or
// of HTTP: what it counts comes from a function, and who watches asks for what
// is newer than what he has.
package monitor

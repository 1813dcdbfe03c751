// Package monitor keeps the last quarter of an hour of what the server does, one
// sample a second, for the operators' console, and the table of what it measures.
// It counts by a function that it is given, and watchers ask for what is newer
// than what they have.
package monitor

// Package onemachine starts what several servers need on one machine: Redis, PostgreSQL, the
// servers and nginx, on loopback addresses and without containers. It is for trying it out
// and for the bench; in production each of them runs on machines of its own.
//
// Redis and PostgreSQL are those that are installed. The folder keeps their data, the
// servers' folders, all logs, and the passwords.
package onemachine

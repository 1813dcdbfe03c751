// Package check says what is wrong with a server, or not ready for visitors: its settings,
// files, certificate, clock, limits and operators.
//
// A check is one row of the table in table.go. It looks at Facts, which package app collects,
// and touches neither files nor network. The command "check" and the dashboard show what
// Find returns. To add a check, write a field of Facts if it is missing, a row, and the
// function that the row names; then run the tests of this package with -update, which write
// docs/CHECKS.md.
package check

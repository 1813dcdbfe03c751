// Package fresh says how long something counts after it was made: the rule of tickets,
// challenges, setups and sealed cookies.
package fresh

import "time"

// skew is how far the clocks of servers that share a database or a key may differ.
const skew = time.Minute

// Is reports whether something that was made at one time still counts: for life, without its
// last instant. Another server may have made it, whose clock is up to a minute ahead. The zero
// Time counts for nothing.
func Is(made, now time.Time, life time.Duration) bool {
	age := now.Sub(made)
	return !made.IsZero() && age >= -skew && age < life
}
